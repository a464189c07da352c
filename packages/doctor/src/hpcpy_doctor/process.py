"""A process of this or another node, as /proc tells of it: which one it is, and if it lives."""

import functools
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import CLOCK_BOOTTIME, clock_gettime

__all__ = ["PROC", "Process", "is_in_the_kernel", "list_ancestors", "list_children", "measure_age"]

PROC = Path("/proc")


@dataclass(frozen=True, kw_only=True)
class Process:
    """One process among all that ever were.

    Attributes
    ----------
    machine
        The boot and the process namespace that its number belongs to.
    pid
        Its number there.
    started
        When, in ticks after the boot: numbers are used again.
    """

    machine: str
    pid: int
    started: int

    @classmethod
    def read(cls, pid: int | None = None, proc: Path = PROC) -> "Process":
        """Return the process of that number, or this one. Local.

        Raises
        ------
        OSError
            If there is none, or /proc does not tell.
        """
        pid = os.getpid() if pid is None else pid
        return cls(machine=_name_machine(proc), pid=pid, started=_read_stat(pid, proc).started)

    @classmethod
    def parse(cls, said: Mapping[str, object]) -> "Process":
        """Return the process that another one has told of. Local.

        Raises
        ------
        KeyError, ValueError
            If that was something else.
        """
        return cls(
            machine=str(said["machine"]),
            pid=int(str(said["pid"])),
            started=int(str(said["started"])),
        )

    def lives(self, proc: Path = PROC) -> bool | None:
        """Tell whether it lives; None if it is on a machine that cannot be asked. Local."""
        try:
            if self.machine != _name_machine(proc):
                return None
            stat = _read_stat(self.pid, proc)
        except OSError:
            return False
        return stat.started == self.started and stat.state != "Z"


@dataclass(frozen=True, kw_only=True)
class Stat:
    """Of ``/proc/PID/stat``."""

    name: str
    state: str
    parent: int
    started: int


def list_ancestors(proc: Path = PROC) -> Iterator[tuple[int, str]]:
    """Yield number and name of the parent of this process, of its parent, and so on. Local."""
    pid = os.getppid()
    while pid > 0:
        try:
            stat = _read_stat(pid, proc)
        except OSError:
            return
        yield pid, stat.name
        pid = stat.parent


def list_children(proc: Path = PROC) -> list[int]:
    """Return the processes that this one has started, and that are not waited for. Local."""
    found = []
    for path in proc.glob("[0-9]*"):
        with suppress(OSError, ValueError, IndexError):
            if _read_stat(int(path.name), proc).parent == os.getpid():
                found.append(int(path.name))
    return found


def is_in_the_kernel(pid: int, proc: Path = PROC) -> bool:
    """Tell whether a process waits in the kernel, where no signal ends it. Local."""
    try:
        return _read_stat(pid, proc).state == "D"
    except OSError:
        return False


def measure_age(proc: Path = PROC) -> float:
    """Return for how many seconds this process has lived. Local; 0 if nobody knows."""
    try:
        started = _read_stat(os.getpid(), proc).started
    except OSError:
        return 0.0
    return clock_gettime(CLOCK_BOOTTIME) - started / os.sysconf("SC_CLK_TCK")


@functools.cache
def _name_machine(proc: Path) -> str:
    boot = (proc / "sys/kernel/random/boot_id").read_text().strip()
    return f"{boot} {(proc / 'self/ns/pid').readlink()}"


def _read_stat(pid: int, proc: Path) -> Stat:
    text = (proc / str(pid) / "stat").read_text(errors="replace")
    name, _, rest = text.partition("(")[2].rpartition(")")  # a name may have anything in it
    words = rest.split()
    return Stat(name=name, state=words[0], parent=int(words[1]), started=int(words[19]))
