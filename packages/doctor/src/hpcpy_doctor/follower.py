"""A process that does not report: it says what it saw, and does what it is asked to."""

import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from time import monotonic, sleep

from hpcpy_doctor.mailbox import Letter, Mailbox
from hpcpy_doctor.process import Process
from hpcpy_doctor.reporter import LEAVING_SECONDS, NAME, PAUSE

__all__ = ["Follower"]


@dataclass(kw_only=True)
class Follower:
    """A process that is told what to do by the one that reports. All of its methods are local.

    Attributes
    ----------
    mailbox
        Where it hears it.
    token
        Its own name there.
    reporter
        Who reports, once that was seen.
    """

    mailbox: Mailbox
    token: str = field(default_factory=lambda: secrets.token_hex(8))
    reporter: Process | None = None

    def sees_reporter(self, seconds: float) -> bool:
        """Tell whether a process that reports shows up in so many seconds."""
        end = monotonic() + seconds
        while not self.mailbox.read(NAME):
            if monotonic() > end:
                return False
            sleep(PAUSE)
        return True

    def say_hello(self, said: Letter) -> None:
        """Tell who this is, and what it has seen.

        Raises
        ------
        OSError
            If no place takes it.
        """
        self.say("hello", {"process": asdict(Process.read()), "said": said})

    def say(self, what: str, letter: Letter) -> None:
        """Write to the process that reports.

        Raises
        ------
        OSError
            If no place takes it.
        """
        self.mailbox.put(f"{self.token}.{what}", letter)

    def take(self, what: str) -> Letter | None:
        """Return a letter of that kind if there is one, and remove it."""
        return self.mailbox.take(f"{self.token}.{what}")

    def hear(self, whats: Sequence[str], seconds: float) -> tuple[str, Letter] | None:
        """Return the first of these letters, and which one it is.

        None if there is none after so many seconds, or the process that reports has ended.
        """
        end = monotonic() + seconds
        while monotonic() < end:
            gone = self._is_alone()  # asked before the last look
            for what in whats:
                if (letter := self.take(what)) is not None:
                    return what, letter
            if gone:
                return None
            sleep(PAUSE)
        return None

    def leave(self) -> None:
        """Leave after the process that reports: the first exit code is mostly the job's."""
        end = monotonic() + LEAVING_SECONDS
        while self.reporter and not self._is_alone() and monotonic() < end:
            sleep(PAUSE)
        sleep(PAUSE)
        self.mailbox.drop(f"{self.token}.*")
        self.mailbox.close()

    def _is_alone(self) -> bool:
        """Tell whether the process that reports was there, and has ended."""
        with suppress(KeyError, ValueError):
            if found := self.mailbox.read(NAME):
                self.reporter = Process.parse(found)
                return self.reporter.lives() is False
        return self.reporter is not None and self.reporter.lives() is not True
