"""Refuse work that does not fit into the memory of a node, before it is allocated."""

import os
from pathlib import Path

from mpi4py import MPI

from hpcpy_core.agreement import agreed
from hpcpy_core.errors import InputError

__all__ = ["available_memory", "require_memory"]

GIB = 2**30


def require_memory(
    comm: MPI.Intracomm, own: int, what: str, cure: str, available: int | None = None
) -> None:
    """Compare what the ranks of each node need with its memory. Collective over comm.

    Parameters
    ----------
    comm
        The ranks that will need memory at once.
    own
        Bytes that this rank will need.
    what, cure
        For the message: what needs it, and what to do.
    available
        Bytes that this node has left; None asks the system.

    Raises
    ------
    InputError
        On every rank, if any node has too little.
    """
    available = available_memory() if available is None else available
    node = comm.Split_type(MPI.COMM_TYPE_SHARED)
    try:
        needed, ranks = node.allreduce(own), node.size
    finally:
        node.Free()
    with agreed(comm):
        if needed > available:
            many = f"{ranks} ranks" if ranks > 1 else "one rank"
            raise InputError(
                f"{what} needs {needed / GIB:.3g} GiB for the {many} of a node that has "
                f"{available / GIB:.3g} GiB left: {cure}"
            )


def available_memory(proc: Path = Path("/proc"), groups: Path = Path("/sys/fs/cgroup")) -> int:
    """Return how many bytes the processes of this node may still take. Local.

    What the kernel could free counts, but not more than the limit of a container or
    a batch job leaves: a process that goes beyond that is killed without a message.

    Parameters
    ----------
    proc, groups
        Where the kernel shows its memory and its control groups, version 2.
    """
    try:
        free = 1024 * _read_table(proc / "meminfo")["MemAvailable:"]
    except (OSError, KeyError):  # no Linux
        free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    try:
        own = (proc / "self" / "cgroup").read_text().rpartition("0::/")[2].strip()
    except OSError:
        return free
    group = groups / own
    for each in (group, *group.parents):  # the limit of a job lies above that of its steps
        if each.is_relative_to(groups):
            free = min(free, _left_in(each, free))
    return max(0, free)


def _left_in(group: Path, free: int) -> int:
    """Return what the limit of a control group leaves, cached files not counted as used."""
    try:
        limit = (group / "memory.max").read_text().strip()
        if limit == "max":
            return free
        used = int((group / "memory.current").read_text())
        cached = _read_table(group / "memory.stat").get("inactive_file", 0)
    except OSError:  # the root group has no limit
        return free
    return int(limit) - used + cached


def _read_table(path: Path) -> dict[str, int]:
    """Read lines of a name and a number."""
    lines = (line.split() for line in path.read_text().splitlines())
    return {words[0]: int(words[1]) for words in lines if len(words) > 1}
