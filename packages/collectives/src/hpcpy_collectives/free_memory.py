"""How much memory a process may still take."""

import os
from pathlib import Path

__all__ = ["free_memory"]

CGROUP = Path("/sys/fs/cgroup")


def free_memory(cgroup: Path = CGROUP) -> int:
    """Return how many bytes are free for this process. Local.

    Free pages, but not more than the limit of a container or a batch job
    leaves: a process that goes beyond that is killed without a message. All
    ranks of a node share what this returns.

    Parameters
    ----------
    cgroup
        Where the limits of control groups, version 2, are shown.
    """
    free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    try:
        limit = (cgroup / "memory.max").read_text().strip()
        used = int((cgroup / "memory.current").read_text())
    except OSError:
        return free
    return free if limit == "max" else max(0, min(free, int(limit) - used))
