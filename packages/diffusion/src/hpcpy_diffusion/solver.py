"""The solver: explicit time steps on a block-decomposed field."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from time import perf_counter

import numpy as np
from mpi4py import MPI

from hpcpy_core.agreement import agreed
from hpcpy_core.decomposition import Decomposition
from hpcpy_core.memory import require_memory
from hpcpy_core.selection import Selection, select
from hpcpy_core.timing import max_over_ranks
from hpcpy_core.topology import create_cart
from hpcpy_diffusion.checkpointing import NEVER, Checkpointing
from hpcpy_diffusion.halo import HaloExchange
from hpcpy_diffusion.initial import fill_initial
from hpcpy_diffusion.kernels import Field, Step, find_kernel
from hpcpy_diffusion.parameters import Parameters
from hpcpy_diffusion.result import Frame, Result

__all__ = ["run"]


def run(
    parameters: Parameters,
    *,
    comm: MPI.Intracomm,
    kernel: str = "auto",
    dims: Sequence[int] | None = None,
    selection: Selection | None = None,
    on_frame: Callable[[Frame], None] | None = None,
    on_step: Callable[[int], None] | None = None,
    checkpointing: Checkpointing | None = None,
) -> Result:
    """Solve the problem on all ranks. Collective over comm.

    The field is the same to the last bit for any number of ranks and any dims.

    Parameters
    ----------
    parameters
        The same on every rank.
    comm
        Any number of ranks, also more than the grid has rows.
    kernel
        A name from `hpcpy_diffusion.kernels.KERNELS`; ``auto`` is the fastest
        that is installed.
    dims
        Ranks along both axes; None leaves the choice to MPI_Dims_create.
    selection
        Device and transport; None chooses both.
    on_frame
        Called on all ranks at the times that `Parameters.outtime` asks for; may communicate.
    on_step
        Called with the number of steps done, where it is given; must not communicate.
    checkpointing
        Where to start from, and when to write checkpoints; None starts at step 0 and
        writes none.

    Raises
    ------
    InputError
        On every rank, for a kernel, dims, an initial condition or a checkpoint that
        cannot work.
    StoppedError
        On every rank, if `checkpointing` was asked to stop, and has written a checkpoint.
    FileError
        On every rank, if a checkpoint cannot be read or written.
    """
    if selection is None:
        selection = select("auto", "auto", comm)
    with agreed(comm):
        chosen = find_kernel(kernel)
        step = chosen.load()
    with ExitStack() as resources:
        cart = create_cart(comm, dims)
        resources.callback(cart.Free)
        decomposition = Decomposition(shape=parameters.shape, dims=tuple(cart.dims), boundary=1)
        _require_memory(parameters, comm)
        shape = decomposition.padded(cart.rank).shape
        u, out = (np.zeros(shape, dtype=parameters.dtype) for _ in range(2))
        owned = decomposition.owned(cart.rank).within(decomposition.padded(cart.rank))
        first = 0
        restored = checkpointing.restore(decomposition) if checkpointing is not None else None
        if restored is None:
            fill_initial(u, parameters, decomposition, cart)
        else:
            first, u[owned] = restored.step, restored.fields["u"]
            del restored
        out[...] = u  # both hold the boundary, and no page is touched first while timed
        _compile(step, parameters)
        exchanges = [
            resources.enter_context(HaloExchange(cart, decomposition, array)) for array in (u, out)
        ]

        due = frozenset(parameters.frame_steps)

        def frame(field: Field, done: int) -> Frame:
            return Frame(done, done * parameters.dt, decomposition, field[owned])

        look_after = NEVER if checkpointing is None else checkpointing.start(first)

        def show(field: Field, done: int) -> None:
            nonlocal look_after
            if on_frame is not None and done in due:
                on_frame(frame(field, done))
            if checkpointing is not None and done == look_after:
                look_after = checkpointing.look(frame(field, done))

        cart.Barrier()
        u, spent = _march(u, out, exchanges, step, parameters, first, show, on_step)

    updates = parameters.points**2 * (parameters.steps - first)
    busy = max_over_ranks(comm, spent["compute"] + spent["halo"])
    return Result(
        parameters=parameters,
        kernel=chosen.name,
        dims=decomposition.dims,
        selection=selection,
        seconds={name: max_over_ranks(comm, value) for name, value in spent.items()},
        gcells_per_second=updates / busy * 1e-9 if updates else 0.0,
        mass=comm.allreduce(float(u[owned].sum())) * parameters.spacing**2,
        decomposition=decomposition,
        block=u[owned],
        comm=comm,
    )


def _march(
    u: Field,
    out: Field,
    exchanges: list[HaloExchange],
    step: Step,
    parameters: Parameters,
    first: int,
    show: Callable[[Field, int], None],
    on_step: Callable[[int], None] | None,
) -> tuple[Field, dict[str, float]]:
    """Take the time steps from `first` on; return the last field, and where the time went.

    The seconds are this rank's.
    `u` and `out` change roles at every step, and their exchanges with them.
    """
    exchange, exchange_out = exchanges
    compute = halo = output = 0.0
    begin = end = perf_counter()
    for done in range(first, parameters.steps + 1):
        show(u, done)
        shown = perf_counter()
        output += shown - end
        if done == parameters.steps:
            break
        exchange.start()
        exchange.finish()
        exchanged = perf_counter()
        step(u, out, parameters.fourier)
        end = perf_counter()
        halo += exchanged - shown
        compute += end - exchanged
        u, out, exchange, exchange_out = out, u, exchange_out, exchange
        if on_step is not None:
            on_step(done + 1)
    total = perf_counter() - begin
    return u, {"total": total, "compute": compute, "halo": halo, "output": output}


def _compile(step: Step, parameters: Parameters) -> None:
    """Let a compiled kernel compile on a tiny field, outside what is timed."""
    u, out = (np.zeros((3, 3), dtype=parameters.dtype) for _ in range(2))
    step(u, out, parameters.fourier)


def _require_memory(parameters: Parameters, comm: MPI.Intracomm) -> None:
    """Refuse a grid whose two fields do not fit in the nodes' memory. Collective over comm."""
    rows, columns = parameters.shape
    share = 2 * rows * columns * np.dtype(parameters.dtype).itemsize // comm.size
    require_memory(
        comm,
        share,
        f"dx = {parameters.dx:g}: a grid of {parameters.points}^2 points",
        "use a larger dx, float32, or more nodes",
    )
