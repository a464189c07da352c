"""Keep a run open through all rounds of a ladder, and time its steps. Importing it starts MPI.

To copy a field to a GPU and back takes as long as some hundred steps there, and the first
steps record graphs: neither may count in a ladder of GPU kernels. For the kernel of the CPU
beside them no change of its layout counts, either.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

from mpi4py import MPI

from hpcpy_core.selection import Selection
from hpcpy_core.timing import max_over_ranks
from hpcpy_diffusion.events import Events
from hpcpy_diffusion.initial import fill_initial
from hpcpy_diffusion.ladder.free_memory import free_memory
from hpcpy_diffusion.march import Show, march
from hpcpy_diffusion.parameters import Parameters
from hpcpy_diffusion.prepare_on_cpu import prepare_on_cpu
from hpcpy_diffusion.prepare_on_gpu import prepare_on_gpu
from hpcpy_diffusion.prepared import Prepared
from hpcpy_diffusion.result import Frame

__all__ = ["OpenRun", "open_run"]


@dataclass(frozen=True, kw_only=True)
class OpenRun:
    """A run that goes on where it was, each time that it is called with a number of steps."""

    parameters: Parameters
    prepared: Prepared

    def __call__(self, steps: int) -> float:
        """Return the slowest rank's seconds for so many steps, exchange included. Collective."""
        run, dt = self.prepared, self.parameters.dt
        marks: list[tuple[float, float]] = []

        def mark(_: Frame) -> None:  # the device has done what it was told to, until here
            reached = perf_counter()
            run.cart.Barrier()
            marks.append((reached, perf_counter()))

        def make_frame(done: int, show: Show) -> Frame:
            return Frame(done, done * dt, run.decomposition, show)

        # Half a step more than wanted: no rounding can make it one step less.
        way = replace(self.parameters, runtime=(steps + 0.5) * dt, outtime=steps * dt)
        events = Events(way, 0, on_frame=mark, checkpointing=None)
        march(
            run.pair, run.exchange, run.plan, events, make_frame, first=0, last=steps, on_step=None
        )
        (_, began), (ended, _) = marks
        return max_over_ranks(run.cart, ended - began)


@contextmanager
def open_run(
    parameters: Parameters,
    comm: MPI.Intracomm,
    selection: Selection,
    *,
    kernel: str,
    threads: int = 1,
) -> Iterator[OpenRun]:
    """Yield a run at its start, which holds its memory until the end. Collective over comm.

    Raises
    ------
    InputError, HpcpyError
        On every rank, as `hpcpy_diffusion.run` does, if the kernel cannot do this problem.
    """
    options: dict[str, Any] = {
        "kernel": kernel,
        "dims": None,
        "threads": threads,
        "halo_depth": "auto",
        "exchange": "auto",
    }
    device = selection.device
    with (
        prepare_on_gpu(comm, parameters, device, **options)
        if device.kind == "gpu"
        else prepare_on_cpu(comm, parameters, nodes=selection.nodes, **options)
    ) as prepared:
        free_memory(device)  # of trials
        depth = max(1, prepared.plan.depth)
        start = prepared.pair.start()
        fill_initial(start, parameters, prepared.decomposition, prepared.cart, depth)
        yield OpenRun(parameters=parameters, prepared=prepared)
