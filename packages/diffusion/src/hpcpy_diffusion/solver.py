"""The solver: explicit time steps on a block-decomposed field."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from mpi4py import MPI

from hpcpy_core.agreement import agreed, same_on_all
from hpcpy_core.errors import InputError
from hpcpy_core.numbers import as_integer, as_integers
from hpcpy_core.selection import Selection, select
from hpcpy_core.timing import max_over_ranks
from hpcpy_diffusion.check_threads import check_threads
from hpcpy_diffusion.checkpointing import Checkpointing
from hpcpy_diffusion.events import Events
from hpcpy_diffusion.finite import require_finite
from hpcpy_diffusion.initial import fill_initial
from hpcpy_diffusion.march import Show, march
from hpcpy_diffusion.parameters import Parameters
from hpcpy_diffusion.plan import Depth, ExchangeName, Plan
from hpcpy_diffusion.prepare_on_cpu import prepare_on_cpu
from hpcpy_diffusion.prepare_on_gpu import prepare_on_gpu
from hpcpy_diffusion.result import Frame, Result
from hpcpy_diffusion.settle_device import settle_device

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
    on_start: Callable[[int], None] | None = None,
    checkpointing: Checkpointing | None = None,
    force: bool = False,
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
        A name from `hpcpy_diffusion.kernels.KERNELS`, or, on GPUs, from `GPU_KERNELS` there;
        ``auto`` is the fastest that is installed, or, on GPUs, in a short trial.
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
    on_start
        Called once on every rank with the step that the run starts after, when all that can be
        refused was looked at, and the field is in place; may communicate.
    checkpointing
        Where to start from, and when to write checkpoints; None starts at step 0 and
        writes none.

    force
        Take more threads than four for each core that the process may use.

    Raises
    ------
    InputError
        On every rank, for parameters or options that differ between ranks; for a kernel, dims,
        threads, halos, an exchange, an initial condition or a checkpoint that cannot work.
    StoppedError
        On every rank, if `checkpointing` was asked to stop, and has written a checkpoint.
    FileError
        On every rank, if a checkpoint cannot be read or written.
    NotFiniteError
        On every rank, if the field is not finite where it would be written, or at the end.
    """
    with agreed(comm):
        if not isinstance(parameters, Parameters):
            raise InputError(f"parameters = {parameters!r:.60}: make Parameters of them")
        dims = None if dims is None else as_integers(dims, "dims")
        threads = as_integer(threads, "threads")
        halo_depth = "auto" if halo_depth == "auto" else as_integer(halo_depth, "halo_depth")
        check_threads(threads, force=force)
    same_on_all(
        comm,
        {
            "parameters": parameters,
            "kernel": kernel,
            "dims": dims,
            "threads": threads,
            "halo_depth": halo_depth,
            "exchange": exchange,
        },
    )
    if selection is None:
        with agreed(comm):
            request = settle_device("auto", kernel)
        selection = select(request, "auto", comm, gpu=True)
    options: dict[str, Any] = {
        "kernel": kernel,
        "dims": dims,
        "threads": threads,
        "halo_depth": halo_depth,
        "exchange": exchange,
    }
    with (
        prepare_on_gpu(comm, parameters, selection.device, **options)
        if selection.device.kind == "gpu"
        else prepare_on_cpu(comm, parameters, nodes=selection.nodes, **options)
    ) as prepared:
        cart, plan, pair = prepared.cart, prepared.plan, prepared.pair
        decomposition = prepared.decomposition
        if on_plan is not None:
            on_plan(plan)
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

        def make_frame(done: int, show: Show) -> Frame:
            return Frame(
                done,
                done * parameters.dt,
                decomposition,
                lambda: show(owned),
                lambda kept: show(owned, kept),
            )

        if on_start is not None:
            on_start(first)
        events = Events(parameters, first, on_frame=on_frame, checkpointing=checkpointing)
        cart.Barrier()
        last, spent = march(
            pair,
            prepared.exchange,
            plan,
            events,
            make_frame,
            first=first,
            last=parameters.steps,
            on_step=on_step,
        )
        # Shared memory ends with the run, and page-locked memory is lent.
        keep = plan.exchange != "shared" and selection.device.kind == "cpu"
        block = last.block if keep else last.block.copy()
    require_finite(block, parameters.steps, comm)
    with np.errstate(over="ignore"):
        mass = float(block.sum(dtype=np.float64)) * parameters.spacing * parameters.spacing

    updates = parameters.points**2 * (parameters.steps - first)
    busy = max_over_ranks(comm, spent["compute"] + spent["halo"])
    return Result(
        parameters=parameters,
        kernel=prepared.kernel,
        dims=decomposition.dims,
        plan=plan,
        selection=selection,
        seconds={name: max_over_ranks(comm, value) for name, value in spent.items()},
        gcells_per_second=updates / busy * 1e-9 if updates else 0.0,
        mass=comm.allreduce(mass),
        decomposition=decomposition,
        block=block,
        comm=comm,
    )
