"""Time a kernel as users get it: by runs of the solver. Importing it starts MPI."""

from dataclasses import dataclass, replace

from mpi4py import MPI

from hpcpy_core.selection import Selection
from hpcpy_diffusion.kernels import Field
from hpcpy_diffusion.parameters import Parameters
from hpcpy_diffusion.plan import ExchangeName
from hpcpy_diffusion.result import Result
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

    def __call__(self, steps: int) -> float:
        """Return the slowest rank's seconds of computation and halo exchange. Collective."""
        seconds = self._run(steps).seconds
        return seconds["compute"] + seconds["halo"]

    def whole(self, steps: int) -> Field | None:
        """Return the field, shape (n+2, n+2), on rank 0. Collective."""
        return self._run(steps).gather()

    def _run(self, steps: int) -> Result:
        # Half a step more than wanted: no rounding can make it one step less.
        runtime = (steps + 0.5) * self.parameters.dt
        return run(
            replace(self.parameters, runtime=runtime, outtime=0.0),
            comm=self.comm,
            kernel=self.kernel,
            threads=self.threads,
            exchange=self.exchange,
            selection=self.selection,
        )
