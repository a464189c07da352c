"""Hold the directory of a job's checkpoints until the job ends. No MPI: one rank calls it.

Two jobs that write into one directory would remove each other's checkpoints, which are
"later" or "older" than their own; so it is not enough to keep them apart while they write.
"""

import atexit
import json
import os
import platform
import time
from contextlib import ExitStack
from pathlib import Path

from hpcpy_core.files.hold import LOCK, HeldError, hold_directory
from hpcpy_core.files.regular import read_bounded

__all__ = ["hold_place", "release_place"]

PATIENCE = 1.0
"""Seconds in which a job that was killed may come to its end."""

MOST_NOTE = 4096

_held: dict[Path, ExitStack] = {}


def hold_place(directory: Path) -> None:
    """Hold a directory until `release_place` or the end of this process. Local.

    What this process holds already, by whichever of its parts, it may use. The system takes
    the lock from a process that dies.

    Raises
    ------
    HeldError
        If another process holds it; it is named.
    FileError
        If the directory takes no file.
    """
    place = Path(os.path.realpath(directory))
    if place in _held:
        if (place / LOCK).exists():
            return
        release_place(place)  # the directory was made anew since
    end = time.monotonic() + PATIENCE
    while True:
        with ExitStack() as stack:
            try:
                stack.enter_context(hold_directory(place))
            except HeldError:
                if _is_own(place / LOCK):
                    return
                if time.monotonic() > end:
                    raise
            else:
                _held[place] = stack.pop_all()
                return
        time.sleep(0.05)


def release_place(directory: Path) -> None:
    """Let other jobs write into a directory, if this process holds it. Local."""
    stack = _held.pop(Path(os.path.realpath(directory)), None)
    if stack is not None:
        stack.close()


def _is_own(lock: Path) -> bool:
    """Say whether the note in a lock is that of this process."""
    try:
        note = json.loads(read_bounded(lock, MOST_NOTE))
        return (note["process"], note["host"]) == (os.getpid(), platform.node())
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return False


def _release_all(owner: int) -> None:
    if os.getpid() == owner:  # a child that was forked holds nothing
        for place in [*_held]:
            release_place(place)


atexit.register(_release_all, os.getpid())
