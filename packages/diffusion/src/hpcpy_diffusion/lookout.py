"""Let all ranks decide together, now and then, whether to write a checkpoint and to stop."""

from dataclasses import dataclass
from time import perf_counter

import numpy as np
from mpi4py import MPI

from hpcpy_diffusion.catch_sigusr1 import StopRequest
from hpcpy_diffusion.every import Every

__all__ = ["Decision", "Lookout"]

SECONDS_BETWEEN_LOOKS = 0.1
MOST_STEPS = 1000
"""Between two looks: one costs about as much as a step, and steps may get slower meanwhile."""
FASTEST_GROWTH = 10


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What all ranks do after this step."""

    write: bool
    stop: bool
    next_look: int
    """The step after which they decide again."""


class Lookout:
    """Decides from the clock of rank 0 and from the signals that any rank has got.

    A signal reaches the ranks at different steps, and their clocks differ: so they
    agree, in one small Allreduce. That would slow every step down; it is called
    after so many steps as take a tenth of a second, which rank 0 measures, and after
    1000 at most.

    Parameters
    ----------
    comm
        All of its ranks must call `decide`, after the same steps.
    every
        When checkpoints are due; None for never.
    request
        This rank's signal.
    """

    def __init__(self, comm: MPI.Intracomm, every: Every | None, request: StopRequest) -> None:
        self._comm, self._every, self._request = comm, every or Every(), request
        self._steps = 1
        """Steps from the last look to the next, as rank 0 planned it."""
        self._word = np.zeros(3, dtype=np.int64)

    def start(self, step: int) -> int:
        """Start the clocks; return the first step to look after. Local."""
        self._looked_at, self._looked = step, perf_counter()
        self._written = self._looked
        return self._next(step)

    def decide(self, step: int) -> Decision:
        """Decide what all ranks do after `step`. Collective over comm."""
        now = perf_counter()
        self._word[:] = self._request.seen, 0, 0
        if self._comm.rank == 0:
            self._word[1:] = self._is_time(now), self._plan(step, now)
        self._comm.Allreduce(MPI.IN_PLACE, self._word, op=MPI.MAX)
        stop, is_time, self._steps = self._word.tolist()
        if stop:  # never set to False: a signal that has come meanwhile would be lost
            self._request.seen = True
        is_step = self._every.steps is not None and step % self._every.steps == 0
        self._looked_at, self._looked = step, now
        return Decision(
            write=bool(stop or is_time or is_step), stop=bool(stop), next_look=self._next(step)
        )

    def written(self) -> None:
        """Start the clocks anew after a checkpoint, which may have taken long. Local."""
        self._looked = self._written = perf_counter()

    def _next(self, step: int) -> int:
        after = step + self._steps
        if self._every.steps is not None:
            after = min(after, step - step % self._every.steps + self._every.steps)
        return after

    def _is_time(self, now: float) -> bool:
        return self._every.seconds is not None and now - self._written >= self._every.seconds

    def _plan(self, step: int, now: float) -> int:
        """Return how many steps will take the time between two looks."""
        per_second = (step - self._looked_at) / max(now - self._looked, 1e-9)
        wanted = round(per_second * SECONDS_BETWEEN_LOOKS)
        return max(1, min(wanted, FASTEST_GROWTH * self._steps, MOST_STEPS))
