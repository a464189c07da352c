"""Watch the ranks of a running launch, to see which of them is lost first."""

import os
import select
import time

from hpcpy_testing.launch_folder import LaunchFolder
from hpcpy_testing.lifeline import open_lifeline
from hpcpy_testing.story import Story, read_story

__all__ = ["RankWatch"]

PATIENCE = 3.0
LOOK = 1.0


class RankWatch:
    """Sees ranks end in their order; asked again and again while the job runs. Local.

    An mpiexec that loses a rank ends the others within milliseconds or, if the
    rank left with status 0, may let them wait for ever: so the order in which the
    processes end tells the culprit from its victims, and a job that goes on
    without one of its ranks is lost.

    Parameters
    ----------
    folder
        Where the ranks leave their journals.
    ranks
        How many there are.
    finalize
        Seconds from the end of the last session to the end of the job; 0: no limit.
    """

    def __init__(self, folder: LaunchFolder, ranks: int, *, finalize: float) -> None:
        self.first_lost: int | None = None
        self._folder = folder
        self._ranks = range(ranks)
        self._finalize = finalize
        # epoll hands out what became ready in the order in which it did.
        self._epoll = select.epoll()
        self._alive = dict(self._open(rank) for rank in self._ranks)
        self._lost_at: float | None = None
        self._ended_at: float | None = None
        self._looked_at = time.monotonic()

    def __call__(self) -> bool:
        """Look at the ranks; return True if the job cannot come to a good end any more."""
        for descriptor, _ in self._epoll.poll(0):
            self._epoll.unregister(descriptor)
            os.close(descriptor)
            self._gone(self._alive.pop(descriptor))
        now = time.monotonic()
        if now - self._looked_at > LOOK:
            self._looked_at = now
            self._look_for_the_end()
        lost = self._lost_at is not None and now - self._lost_at > PATIENCE
        hung = self._ended_at is not None and 0 < self._finalize < now - self._ended_at
        return lost or hung

    def close(self) -> None:
        """See the last ranks go, and give up the handles."""
        self()
        for descriptor in self._alive:
            os.close(descriptor)
        self._epoll.close()

    def _open(self, rank: int) -> tuple[int, int]:
        descriptor = open_lifeline(self._folder.lifeline(rank))
        # No event is asked for: a hang-up is always told, once there was a writer.
        self._epoll.register(descriptor, 0)
        return descriptor, rank

    def _story(self, rank: int) -> Story:
        return read_story(self._folder.journal(rank), rank)

    def _look_for_the_end(self) -> None:
        if self._ended_at is None and all(
            self._story(rank).status is not None for rank in self._ranks
        ):
            self._ended_at = time.monotonic()

    def _gone(self, rank: int) -> None:
        if self._story(rank).status is None:
            self._lost_at = self._lost_at or time.monotonic()
            self.first_lost = rank if self.first_lost is None else self.first_lost
