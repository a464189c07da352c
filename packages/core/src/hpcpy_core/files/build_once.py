"""Build a file at its first use, and keep it in the user's cache. Starts no MPI."""

import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from hpcpy_core.errors import FileError
from hpcpy_core.files.private_cache import (
    make_way,
    private_folder,
    say_once,
    temporary_folder,
)
from hpcpy_core.files.sealed import is_usable, seal
from hpcpy_core.replacing import replacing

__all__ = ["build_once"]


def build_once(folder: str, name: str, make: Callable[[Path], None]) -> Path:
    """Return a file of the user's cache; make it if it is not there. Local.

    One that is another user's, that others may write, or that is not whole is made anew. Where
    the cache cannot be used or has no room, the file is in a private folder elsewhere, and a
    note says so. Processes that make it at the same time do not disturb each other.

    Parameters
    ----------
    folder
        In the cache.
    name
        Of the file: another one for everything that it depends on.
    make
        Writes it to the path that it is given.

    Raises
    ------
    FileError
        If it cannot be kept anywhere.
    Exception
        What `make` raises.
    """
    place = private_folder(folder)
    path = place.path / name
    if not is_usable(path):
        with TemporaryDirectory(prefix="hpcpy-build-") as building:
            made = Path(building, name)
            make(made)
            seal(made)
            try:
                _keep(made, path)
            except FileError as error:
                place = temporary_folder(folder, reason=str(error))
                path = place.path / name
                if not is_usable(path):
                    _keep(made, path)
    say_once(place.note)
    return path


def _keep(made: Path, path: Path) -> None:
    make_way(path)
    with replacing(path) as temporary:
        shutil.copyfile(made, temporary)
        temporary.chmod(0o700)
