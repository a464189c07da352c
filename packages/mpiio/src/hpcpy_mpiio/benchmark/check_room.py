"""Refuse a benchmark that has no place or no room, before anything is written."""

import os
from pathlib import Path
from tempfile import TemporaryFile

from hpcpy_core.errors import InputError

__all__ = ["check_folder"]


def check_folder(folder: Path, needed: int) -> None:
    """Refuse a folder that takes no file of so many bytes. Local: one rank calls it.

    Raises
    ------
    InputError
        Names the folder and the reason.
    """
    if not folder.is_dir():
        raise InputError(f"--folder {folder} is not a folder: create it first")
    _try_file(folder, f"--folder {folder}")
    found = os.statvfs(folder)
    free = found.f_bavail * found.f_frsize
    if needed > free:
        raise InputError(
            f"the file needs {needed / 2**30:.3g} GiB, and --folder {folder} has "
            f"{free / 2**30:.3g} GiB free: give a smaller --size, or start fewer ranks"
        )


def _try_file(folder: Path, what: str) -> None:
    try:
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        reason = error.strerror or error
        raise InputError(
            f"{what} cannot be written ({reason}): choose a folder that you may write to"
        ) from error
