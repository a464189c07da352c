"""A FIFO that a rank holds open as long as it lives: the launcher sees when it ends.

When a process ends, Linux releases its open files from the highest number down,
and only then reports its end. A FIFO with a high number therefore hangs up before
mpiexec can know that the rank has ended, and before it ends the other ranks.
"""

import fcntl
import os
import resource
from pathlib import Path

__all__ = ["hold_lifeline", "open_lifeline"]

HIGH = 1000


def open_lifeline(path: Path) -> int:
    """Make the FIFO and return the launcher's end of it, to be polled for a hang-up. Local."""
    os.mkfifo(path)
    return os.open(path, os.O_RDONLY | os.O_NONBLOCK)


def hold_lifeline(path: Path) -> int:
    """Return the rank's end of it, never to be closed by hand. Local."""
    low = os.open(path, os.O_WRONLY)
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    high = fcntl.fcntl(low, fcntl.F_DUPFD_CLOEXEC, min(HIGH, soft - 1))
    os.close(low)
    return high
