"""Refuse a benchmark that has no place or no room, before anything is written."""

from pathlib import Path
from tempfile import TemporaryFile

from hpcpy_core.errors import InputError
from hpcpy_mpiio.room import require_room

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
    cure = "give a smaller --size, or start fewer ranks"
    require_room(folder, needed, f"the file in --folder {folder}", cure)


def _try_file(folder: Path, what: str) -> None:
    try:
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        reason = error.strerror or error
        raise InputError(
            f"{what} cannot be written ({reason}): choose a folder that you may write to"
        ) from error
