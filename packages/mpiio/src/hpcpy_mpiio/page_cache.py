"""How much of a file this node holds in memory, and how to make it forget. No MPI.

Reading what was written a moment ago measures memory, not a disk. Clean pages of a
file can be dropped by anybody who may open it.
"""

import ctypes
import mmap
import os
from pathlib import Path

import numpy as np

__all__ = ["cached_fraction", "drop_cached"]


def drop_cached(path: Path) -> None:
    """Ask the system to forget this node's cached pages of a file. Local.

    It is a request: `cached_fraction` says what became of it.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)  # dirty pages would stay
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)


def cached_fraction(path: Path) -> float:
    """Return how much of a file is in this node's page cache, from 0 to 1. Local.

    Raises
    ------
    OSError
        If the system does not tell.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    with (
        path.open("rb") as stream,
        # A private writable mapping lends its address; nothing is read or written through it.
        mmap.mmap(stream.fileno(), 0, flags=mmap.MAP_PRIVATE) as mapped,
    ):
        pages = -(-len(mapped) // mmap.PAGESIZE)
        resident = (ctypes.c_ubyte * pages)()
        first = ctypes.c_char.from_buffer(mapped)
        address, length = ctypes.addressof(first), ctypes.c_size_t(len(mapped))
        failed = libc.mincore(ctypes.c_void_p(address), length, resident)
        del first  # else the mapping cannot be closed
        if failed:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(path))
    return float(np.mean(np.ctypeslib.as_array(resident) & 1))
