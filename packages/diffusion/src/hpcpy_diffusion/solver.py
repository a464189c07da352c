"""The solver: explicit time steps on a block-decomposed field."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace

import numpy as np
from mpi4py import MPI

from hpcpy_core.agreement import agreed
from hpcpy_core.decomposition import Decomposition
from hpcpy_core.errors import InputError
from hpcpy_core.memory import require_memory
from hpcpy_core.selection import Selection, select
from hpcpy_core.timing import max_over_ranks
from hpcpy_core.topology import create_cart
from hpcpy_diffusion.checkpointing import Checkpointing
from hpcpy_diffusion.compile_kernel import compile_kernel
from hpcpy_diffusion.events import Events
from hpcpy_diffusion.initial import fill_initial
from hpcpy_diffusion.kernels import Field, find_kernel
from hpcpy_diffusion.make_pair import make_pair, shared_bytes
from hpcpy_diffusion.march import march
from hpcpy_diffusion.parameters import Parameters
from hpcpy_diffusion.plan import Depth, ExchangeName, Plan, choose_exchange, make_plan
from hpcpy_diffusion.result import Frame, Result
from hpcpy_diffusion.shared_memory import SharedMemory

__all__ = ["run"]


def run(
    parameters: Parameters,
    *,
    comm: MPI.Intracomm,
    kernel: str = "auto",
    dims: Sequence[int] | None = None,
    threads: int = 1,
    halo_depth: Depth = "auto",
    exchange: ExchangeName = "auto",
    selection: Selection | None = None,
    on_frame: Callable[[Frame], None] | None = None,
    on_step: Callable[[int], None] | None = None,
    on_plan: Callable[[Plan], None] | None = None,
    checkpointing: Checkpointing | None = None,
) -> Result:
    """Solve the problem on all ranks. Collective over comm.

    The field is the same to the last bit for any number of ranks, any dims, any exchange
    and any depth of the halos.

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
        Ranks along both axes; None leaves the choice to MPI_Dims_create, or divides
        the rows where memory is shared.
    threads
        In each rank's process, for a kernel that can use them.
    halo_depth
        Layers of the halos, and steps from one exchange to the next; ``auto`` chooses by
        the rule of `hpcpy_diffusion.plan.choose_depth`. One rank has no halo.
    exchange
        ``sendrecv``, ``persistent`` or ``shared``; ``auto`` chooses by the rule of
        `hpcpy_diffusion.plan.choose_exchange`. One rank has no exchange.
    selection
        Device and transport; None chooses both.
    on_frame
        Called on all ranks at the times that `Parameters.outtime` asks for; may communicate.
    on_step
        Called with the number of steps done, after one or several; must not communicate.
    on_plan
        Called once on every rank with what was chosen, before the first step.
    checkpointing
        Where to start from, and when to write checkpoints; None starts at step 0 and
        writes none.

    Raises
    ------
    InputError
        On every rank, for a kernel, dims, threads, halos, an exchange, an initial condition
        or a checkpoint that cannot work.
    StoppedError
        On every rank, if `checkpointing` was asked to stop, and has written a checkpoint.
    FileError
        On every rank, if a checkpoint cannot be read or written.
    """
    if selection is None:
        selection = select("auto", "auto", comm)
    with agreed(comm):
        chosen = find_kernel(kernel)
        step = chosen.load(threads)
        way, dims = choose_exchange(
            exchange,
            chosen,
            ranks=comm.size,
            nodes=selection.nodes,
            dims=dims,
            halo_depth=halo_depth,
        )
    with ExitStack() as resources:
        cart = create_cart(comm, dims)
        resources.callback(cart.Free)
        _require_memory(parameters, comm)
        memory, note = None, ""
        if way == "shared":
            size = shared_bytes(chosen, parameters, threads * comm.size)
            try:
                memory = resources.enter_context(SharedMemory(cart, size))
            except InputError:
                if exchange == "shared":
                    raise
                way, note = "persistent", "; there is too little shared memory"
        with agreed(comm):
            plan = make_plan(
                halo_depth, way, chosen, parameters, dims=tuple(cart.dims), threads=threads
            )
            plan = replace(plan, why=plan.why + note)
        if on_plan is not None:
            on_plan(plan)
        decomposition = Decomposition(shape=parameters.shape, dims=tuple(cart.dims), boundary=1)
        whole_rows = plan.exchange != "shared" or cart.dims[1] == 1
        compile_kernel(comm, chosen, step, parameters, whole_rows=whole_rows)
        pair, exchanged = resources.enter_context(
            make_pair(plan, chosen, step, parameters, decomposition, cart, memory)
        )
        depth = max(1, plan.depth)
        padded = decomposition.padded(cart.rank, depth)
        owned = decomposition.owned(cart.rank).within(padded)
        first = 0
        restored = checkpointing.restore(decomposition) if checkpointing is not None else None
        if restored is None:
            fill_initial(pair.start(), parameters, decomposition, cart, depth)
        else:
            first, pair.start()[owned] = restored.step, restored.fields["u"]
            del restored

        def make_frame(done: int, show: Callable[[], Field]) -> Frame:
            return Frame(done, done * parameters.dt, decomposition, lambda: show()[owned])

        events = Events(parameters, first, on_frame=on_frame, checkpointing=checkpointing)
        cart.Barrier()
        last, spent = march(
            pair,
            exchanged,
            plan,
            events,
            make_frame,
            first=first,
            last=parameters.steps,
            on_step=on_step,
        )
        # Shared memory ends with the run.
        block = last.block.copy() if plan.exchange == "shared" else last.block

    updates = parameters.points**2 * (parameters.steps - first)
    busy = max_over_ranks(comm, spent["compute"] + spent["halo"])
    return Result(
        parameters=parameters,
        kernel=chosen.name,
        dims=decomposition.dims,
        plan=plan,
        selection=selection,
        seconds={name: max_over_ranks(comm, value) for name, value in spent.items()},
        gcells_per_second=updates / busy * 1e-9 if updates else 0.0,
        mass=comm.allreduce(float(block.sum())) * parameters.spacing**2,
        decomposition=decomposition,
        block=block,
        comm=comm,
    )


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
