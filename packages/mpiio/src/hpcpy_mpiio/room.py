"""Refuse what cannot fit on a file system, by the numbers and before it is written. No MPI."""

import os
from pathlib import Path

from hpcpy_core.errors import InputError

__all__ = ["require_room"]

GIB = 2**30


def require_room(folder: Path, needed: int, what: str, cure: str) -> None:
    """Compare what will be written with what the file system says is free. Local.

    Where the system tells nothing, as some FUSE file systems do, nothing is refused.

    Parameters
    ----------
    folder
        On the file system.
    needed
        Bytes.
    what, cure
        For the message: what needs them, and what to do.

    Raises
    ------
    InputError
        If less is free.
    """
    try:
        found = os.statvfs(folder)
    except OSError:
        return  # said by the call that makes the file
    free = (found.f_bfree if os.geteuid() == 0 else found.f_bavail) * found.f_frsize
    if found.f_blocks > 0 and needed > free:
        raise InputError(
            f"{what} needs {needed / GIB:.3g} GiB, and {folder} has {free / GIB:.3g} GiB free: "
            f"{cure}"
        )
