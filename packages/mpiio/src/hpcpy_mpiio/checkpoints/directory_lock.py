"""A lock on a directory while a job writes a checkpoint into it. No MPI: one rank takes it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hpcpy_core.errors import FileError

__all__ = ["locked"]


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Keep other jobs from writing checkpoints into a directory. Local.

    The system releases the lock of a process that dies. A file system that cannot
    lock a directory (NFS) is trusted.

    Raises
    ------
    FileError
        If another process holds the lock.
    """
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FileError(
                f"another job is writing a checkpoint into {directory}: give every job a "
                "directory of its own"
            ) from None
        except OSError:
            pass  # no locks here
        yield
    finally:
        os.close(descriptor)
