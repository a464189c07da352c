"""The launcher's own process: which of our ancestors started this job's ranks. Local.

What MPI_Comm_spawn can do depends on it: it, not MPI, starts the new processes, with
the options on its command line, and from where it runs.
"""

import os
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Launcher", "find_launcher"]

NAMES = (
    "hydra_pmi_proxy",
    "mpiexec",
    "mpirun",
    "orted",
    "orterun",
    "prted",
    "prterun",
    "slurmstep",
)
"""As /proc/PID/comm has them, of at most 15 characters; slurmstepd adds a job's number."""


@dataclass(frozen=True, kw_only=True)
class Launcher:
    """A launcher's process.

    Attributes
    ----------
    command
        Its command line.
    variables
        Its environment, as ``NAME=value``; empty where that is secret. It does not
        hand all of it on.
    outside
        Whether it sees other files than this process: it is outside our container.
    """

    command: tuple[str, ...]
    variables: tuple[str, ...]
    outside: bool


def find_launcher(proc: Path = Path("/proc"), pid: int | None = None) -> Launcher | None:
    """Return the nearest ancestor that is a launcher, or None. Local.

    Parameters
    ----------
    proc
        Where the kernel tells of processes.
    pid
        Whose ancestors to look at; None takes this process.
    """
    own = pid or os.getpid()
    ancestor = own
    while (ancestor := _find_parent(proc, ancestor)) > 1:
        name = _read(proc / str(ancestor) / "comm").strip()
        if name.startswith(NAMES):
            return Launcher(
                command=_read_words(proc / str(ancestor) / "cmdline"),
                variables=_read_words(proc / str(ancestor) / "environ"),
                outside=_name_files(proc, ancestor) != _name_files(proc, own),
            )
    return None


def _find_parent(proc: Path, pid: int) -> int:
    for line in _read(proc / str(pid) / "status").splitlines():
        if line.startswith("PPid:"):
            return int(line.split()[1])
    return 0  # in another process namespace, or gone


def _name_files(proc: Path, pid: int) -> str:
    """Return the name of what a process sees as its file systems; empty if that is secret."""
    try:
        return os.readlink(proc / str(pid) / "ns" / "mnt")  # noqa: PTH115 - it names no path
    except OSError:
        return ""


def _read_words(path: Path) -> tuple[str, ...]:
    return tuple(_read(path).split("\0")[:-1])


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
