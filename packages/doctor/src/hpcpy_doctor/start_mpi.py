"""Start MPI in a child of this process, in the environment of this very launch."""

import math
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

__all__ = ["Attempt"]

BUSY_LIMIT = 2
"""Seconds after the deadline at which the child ends itself, should nobody be left to do it."""


@dataclass(kw_only=True)
class Attempt:
    """A child that starts MPI. All of its methods are local; `with` ends it.

    Attributes
    ----------
    child
        The process.
    until
        Its deadline, by the clock of `time.monotonic`.
    was_killed
        Whether it had to be ended.
    """

    child: subprocess.Popen[bytes]
    until: float
    was_killed: bool = False

    @classmethod
    def start(cls, story: Path, words: Path, seconds: float) -> "Attempt":
        """Start the child.

        Parameters
        ----------
        story
            The file in which it tells of its stages.
        words
            The file that takes what it and its MPI print.
        seconds
            After which it is to be ended.

        Raises
        ------
        OSError
            If `words` cannot be written, or no process be made.
        """
        command = [sys.executable, "-P", "-m", "hpcpy_doctor.probe", "--to", str(story)]
        limit = ["--seconds", str(math.ceil(seconds) + BUSY_LIMIT)]
        with words.open("wb") as output:
            child = subprocess.Popen(
                [*command, *limit],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                close_fds=False,  # MPI talks to its launcher through descriptors that it inherits
            )
        return cls(child=child, until=monotonic() + seconds)

    def poll(self) -> int | None:
        """Return its exit code, minus the signal that killed it; None if it has none of its own."""
        return None if self.was_killed else self.child.poll()

    @property
    def is_late(self) -> bool:
        """Whether its time is over."""
        return monotonic() > self.until

    def hurry(self, seconds: float) -> None:
        """Give it at most so many seconds more."""
        self.until = min(self.until, monotonic() + seconds)

    def __enter__(self) -> "Attempt":
        """Return it."""
        return self

    def __exit__(self, *_: object) -> None:
        """End it, if it has not ended."""
        if self.child.poll() is None:
            self.was_killed = True
            self.child.kill()
            self.child.wait()
