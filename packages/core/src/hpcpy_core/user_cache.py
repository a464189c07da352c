"""Where this user's caches lie. Starts no MPI."""

import os
from pathlib import Path

from hpcpy_core.errors import FileError

__all__ = ["cache_folder"]


def cache_folder(*names: str) -> Path:
    """Return ``hpcpy/NAME/...`` in the user's cache; it is not made. Local.

    Raises
    ------
    FileError
        If this user has no home, and XDG_CACHE_HOME names no other place.
    """
    try:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    except RuntimeError as error:
        raise FileError("this user has no home: name a folder in XDG_CACHE_HOME") from error
    return Path(base, "hpcpy", *names)
