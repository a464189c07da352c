"""Folders in which the processes of a launch meet: nobody else may write there."""

import json
import os
import re
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from hpcpy_core.files.regular import read_bounded
from hpcpy_doctor.process import Process

__all__ = ["check_private", "leave_folder", "list_bases", "make_folder", "remove_leftovers"]

MINUTES_OF_A_LAUNCH = 60
"""What nobody has touched for so long is what a dead launch has left behind."""


KEY = re.compile("[0-9a-f]{16}")
LETTER = re.compile(r"(reporter|own|[0-9a-f]{16})(\.[a-z]+)*")

LONGEST = 10_000
"""Bytes of the letter by which a process says that it reports."""


def list_bases(*, one_node: bool) -> Iterator[Path]:
    """Yield where to meet, the best place first: of processes on several nodes a shared one.

    Local. A working directory that is gone, or that there is no temporary one, is no error.
    """
    places = [tempfile.gettempdir, os.getcwd]
    for place in places if one_node else reversed(places):
        with suppress(OSError):
            yield Path(place(), f".hpcpy-doctor-{os.geteuid()}")


def make_folder(base: Path, name: str) -> Path:
    """Return the folder `name` in `base`; both are made, unless they are there. Local.

    Raises
    ------
    OSError
        If that fails, or `base` is not this user's alone.
    """
    base.mkdir(mode=0o700, exist_ok=True)
    check_private(base)
    folder = base / name
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def check_private(base: Path) -> None:
    """Check that a folder is a folder, this user's, and nobody else's. Local.

    Raises
    ------
    PermissionError
        Otherwise: what is read there could be anybody's.
    """
    found = base.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise PermissionError(f"{base} is not a folder of this user alone")


def remove_leftovers(base: Path) -> None:
    """Remove the folders of launches that ended without cleaning up. Local.

    Only files and folders that are called like ours are touched.
    """
    with suppress(OSError):
        check_private(base)
        for folder in base.iterdir():
            with suppress(OSError):
                if KEY.fullmatch(folder.name) and _is_left(folder):
                    for file in folder.iterdir():
                        if LETTER.fullmatch(file.name):
                            file.unlink()
                    folder.rmdir()
        base.rmdir()


def _is_left(folder: Path) -> bool:
    """Tell whether the process that reports has died, or nobody was there for long."""
    if folder.lstat().st_mtime < time.time() - 60 * MINUTES_OF_A_LAUNCH:
        return True
    try:
        letter = json.loads(read_bounded(folder / "reporter", LONGEST))
        return Process.parse(letter).lives() is False
    except (OSError, ValueError, KeyError, TypeError):
        return False


def leave_folder(folder: Path) -> None:
    """Remove the folder and its base, if they are empty. Local."""
    with suppress(OSError):
        folder.rmdir()
        folder.parent.rmdir()
