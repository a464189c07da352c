"""The process that reports: it hears the others, and tells them what to do."""

from collections.abc import Callable, Container, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from time import monotonic, sleep, time

from hpcpy_doctor.find_launch import Launch
from hpcpy_doctor.mailbox import Letter, Mailbox
from hpcpy_doctor.process import Process

__all__ = ["LEAVING_SECONDS", "NAME", "PAUSE", "Member", "Reporter"]

NAME = "reporter"
"""The letter by which this process tells the others who it is."""

LEAVING_SECONDS = 1.0
"""In which all of them leave: a launcher may kill the rest at the first exit code but 0."""

PAUSE = 0.02


@dataclass(frozen=True, kw_only=True)
class Member:
    """Another process of the launch: its name among the letters, what it said, and when."""

    token: str
    process: Process
    hello: Letter
    written: float | None


@dataclass(kw_only=True)
class Reporter:
    """The one process of a launch that reports. All of its methods are local.

    Attributes
    ----------
    launch
        Whose.
    mailbox
        None if it is alone, or cannot meet the others.
    why_alone
        Why it cannot.
    members
        Who was heard.
    """

    launch: Launch
    mailbox: Mailbox | None = None
    why_alone: str | None = None
    members: list[Member] = field(default_factory=list)

    def gather(self, seconds: float) -> None:
        """Wait for the words of all that were announced, for at most so many seconds."""
        self._wait(lambda: self._hear() or self._has_heard_all(), seconds)

    def show_itself(self) -> None:
        """Tell the others which process this is now."""
        if self.mailbox is not None:
            self.mailbox.put(NAME, asdict(Process.read()))

    def measure_clock(self) -> tuple[float, float | None]:
        """Return the time by this machine's clock, and by that of the file system."""
        now, name = time(), f"{NAME}.clock"
        if self.mailbox is None:
            return now, None
        with suppress(OSError):
            self.mailbox.put(name, {})
        written = self.mailbox.date(name)
        self.mailbox.drop(name)
        return now, written

    def send(self, what: str, letter: Letter) -> None:
        """Write to all members that live, if there is a place for it."""
        for member in self.members:
            if self.mailbox is not None and member.process.lives() is not False:
                with suppress(OSError):
                    self.mailbox.put(f"{member.token}.{what}", letter)

    def take(self, what: str) -> Mapping[str, Letter]:
        """Return the letters of that kind that are there, by the members' tokens."""
        if self.mailbox is None:
            return {}
        members = {f"{member.token}.{what}": member.token for member in self.members}
        names = [name for name in self.mailbox.names(f".{what}") if name in members]
        found = {members[name]: self.mailbox.take(name) for name in names}
        return {token: letter for token, letter in found.items() if letter is not None}

    def lacks(self, answered: Container[str]) -> bool:
        """Tell whether a member that lives has not answered."""
        return any(
            member.token not in answered and member.process.lives() is not False
            for member in self.members
        )

    def close(self, code: int) -> None:
        """Let the members leave with this exit code; those as well that have come late."""
        if self.mailbox is None:
            return
        if not self._has_heard_all():
            self._hear()
        self.send("leave", {"code": code})
        self._wait(self._are_gone, LEAVING_SECONDS)
        for member in self.members:
            self.mailbox.drop(f"{member.token}.*")
        self.mailbox.drop(NAME)
        self.mailbox.close()

    def _wait(self, is_done: Callable[[], bool], seconds: float) -> None:
        end = monotonic() + seconds
        while self.mailbox is not None and not is_done() and monotonic() < end:
            sleep(PAUSE)

    def _has_heard_all(self) -> bool:
        return self.launch.rank is not None and len(self.members) + 1 >= self.launch.size

    def _are_gone(self) -> bool:
        return self.mailbox is None or not self.mailbox.names(".leave")

    def _hear(self) -> bool:
        """Take the words of those who have come; False, for whoever goes on waiting."""
        for name in self.mailbox.names(".hello") if self.mailbox else ():
            if self.mailbox and (member := _hear_one(self.mailbox, name)):
                self.members.append(member)
        return False


def _hear_one(mailbox: Mailbox, name: str) -> Member | None:
    written = mailbox.date(name)
    letter = mailbox.take(name)
    if letter is None:
        return None
    try:
        process, said = Process.parse(letter["process"]), letter["said"]
    except (KeyError, TypeError, ValueError):  # garbage is no hello
        return None
    if process.lives() is False:  # it is of a launch that had the same key before
        return None
    token = name.partition(".")[0]
    return Member(token=token, process=process, hello=said, written=written)
