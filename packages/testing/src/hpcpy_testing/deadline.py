"""A deadline for each test: ends a deadlock with every rank's stack and MPI call.

mpi4py gives up the GIL in every blocking call, so a thread of the waiting rank
itself can look at it. A rank that holds the GIL for ever is left to pytest's
faulthandler_timeout.
"""

import faulthandler
import os
import sys
import threading
import time
import traceback
from types import FrameType

from hpcpy_testing.call_site import call_in
from hpcpy_testing.journal import Journal
from hpcpy_testing.launch_folder import LaunchFolder
from hpcpy_testing.outcomes import Outcomes
from hpcpy_testing.story import read_story

__all__ = ["Deadline"]

POLL = 0.2
# Of the same call after another rank has skipped this test: a rank that has seen it so often is
# stuck, whereas one that was suspended, or is slow to skip, is elsewhere at its next look.
STUCK = 10
GRACE = 1.0
# Longer than the backstop of a rank that holds the GIL, so that its stack is seen, too.
LONGEST_GRACE = 10.0
EXIT_STATUS = 98


class Deadline(threading.Thread):
    """Watches the main thread of one rank.

    Parameters
    ----------
    seconds
        How long a test may take; 0 sets no deadline.
    rank, size
        Which rank this is, of how many.
    descriptor
        The real stderr, which pytest does not capture.
    journal
        Where an expiry is noted.
    folder
        What this rank shares with the others, if it was started by the launcher:
        the first rank to expire makes the others tell where they are at once.
    """

    def __init__(
        self,
        seconds: float,
        *,
        rank: int,
        size: int,
        descriptor: int,
        journal: Journal,
        folder: LaunchFolder | None,
    ) -> None:
        super().__init__(name="hpcpy-testing-deadline", daemon=True)
        self._seconds = seconds
        self._who = f"rank {rank} of {size}"
        self._size = size
        self._descriptor = descriptor
        self._journal = journal
        self._folder = folder
        self._outcomes: Outcomes | None = None
        self._seen = (0, 0, 0)  # a frame, its instruction, and how often they were seen
        self._over = threading.Event()
        self._entered = ("the start of the session", time.monotonic())

    def enter(self, where: str) -> None:
        """Begin a test, or another part of the session, with a fresh deadline."""
        self._entered = (where, time.monotonic())
        self._journal.enter(where)

    def compare(self, outcomes: Outcomes) -> None:
        """End this rank, too, where it waits in a test that another one has skipped."""
        self._outcomes = outcomes

    def stop(self) -> None:
        """End the watch."""
        self._over.set()
        if self.is_alive():
            self.join()

    def run(self) -> None:
        """Look at the clock until the session is over or the deadline has passed."""
        while not self._over.wait(POLL):
            where, since = self._entered
            elapsed = time.monotonic() - since
            if elapsed >= self._seconds or (self._folder and self._folder.expired.exists()):
                self._expire(where, elapsed)
            elif difference := self._outcomes and self._outcomes.find_difference(where):
                if self._is_stuck():
                    self._expire(where, elapsed, difference)
            else:
                self._seen = (0, 0, 0)

    def _is_stuck(self) -> bool:
        frame = _main_frame()
        place = id(frame), frame.f_lasti
        self._seen = (*place, self._seen[2] + 1 if self._seen[:2] == place else 1)
        return self._seen[2] > STUCK

    def _expire(self, where: str, elapsed: float, difference: str = "") -> None:
        frame = _main_frame()
        message = describe(self._who, where, elapsed, frame)
        if difference:
            why = f"{difference}; {self._who} is in the call: {call_in(frame)}"
            self._journal.refused(where, why)
            message = f"\n{why}{message}"
        else:
            self._journal.expired(where, f"for {elapsed:.1f} s in the call: {call_in(frame)}")
        os.write(self._descriptor, message.encode())
        # The backstop would end this rank, too, while it waits for the one that it is meant for.
        faulthandler.cancel_dump_traceback_later()
        # The first rank to leave makes mpiexec kill the others: let them write theirs first.
        if self._folder:
            self._folder.expired.touch()
            self._await_the_others(self._folder)
        else:
            time.sleep(GRACE)
        os._exit(EXIT_STATUS)

    def _await_the_others(self, folder: LaunchFolder) -> None:
        limit = time.monotonic() + LONGEST_GRACE
        for rank in range(self._size):
            while read_story(folder.journal(rank), rank).silent and time.monotonic() < limit:
                time.sleep(POLL)


def _main_frame() -> FrameType:
    return sys._current_frames()[threading.main_thread().ident or 0]


def describe(who: str, where: str, elapsed: float, frame: FrameType) -> str:
    """Return the message of a rank whose deadline has passed. Local."""
    frames = [entry for entry, _ in traceback.walk_stack(frame) if not _is_runner(entry)]
    stack = "".join(
        "".join(traceback.format_stack(entry, limit=1)) for entry in reversed(frames or [frame])
    )
    return (
        f"\n{who} has been for {elapsed:.1f} s in {where}, in the call: {call_in(frame)}\n"
        f"Its stack (most recent call last):\n{stack}"
    )


def _is_runner(frame: FrameType) -> bool:
    """Whether a frame only leads to the test: the same 30 in every stack."""
    name = str(frame.f_globals.get("__name__"))
    package = str(frame.f_globals.get("__package__"))
    return (
        {name.partition(".")[0], package} & {"_pytest", "pluggy", "pytest", "runpy"} != set()
        or (package == "mpi4py" and name == "__main__")
        or name == "mpi4py.run"
    )
