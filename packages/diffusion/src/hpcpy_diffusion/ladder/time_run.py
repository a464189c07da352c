"""Time a kernel as users get it: by runs of the solver. Importing it starts MPI."""

from dataclasses import dataclass, replace

from mpi4py import MPI

from hpcpy_core.selection import Selection
from hpcpy_diffusion.kernels import Field
from hpcpy_diffusion.parameters import Parameters
from hpcpy_diffusion.plan import ExchangeName
from hpcpy_diffusion.result import Frame, Result
from hpcpy_diffusion.solver import run

__all__ = ["TimedRun"]


@dataclass(frozen=True, kw_only=True)
class TimedRun:
    """Runs of one kernel on all ranks of `comm`; see `hpcpy_diffusion.ladder.timed`."""

    parameters: Parameters
    comm: MPI.Intracomm
    selection: Selection
    kernel: str
    threads: int = 1
    exchange: ExchangeName = "auto"
    parts: int = 1
    """Of the march to `whole`: a GPU replays what it has recorded if there are several."""

    def __call__(self, steps: int) -> float:
        """Return the slowest rank's seconds of computation and halo exchange. Collective."""
        seconds = self._run(steps).seconds
        return seconds["compute"] + seconds["halo"]

    def whole(self, steps: int) -> Field | None:
        """Return the field, shape (n+2, n+2), on rank 0. Collective."""
        every = max(1, steps // self.parts) if self.parts > 1 else 0
        return self._run(steps, every).gather()

    def _run(self, steps: int, every: int = 0) -> Result:
        # Half a step more than wanted: no rounding can make it one step less.
        dt = self.parameters.dt
        return run(
            replace(self.parameters, runtime=(steps + 0.5) * dt, outtime=every * dt),
            comm=self.comm,
            kernel=self.kernel,
            threads=self.threads,
            exchange=self.exchange,
            selection=self.selection,
            on_frame=_pause if every else None,
        )


def _pause(_: Frame) -> None:
    """Let the march stop here: what comes is a part of its own."""
