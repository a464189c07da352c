"""Temporary folders that are gone with their process, or are removed by the next run.

A process that is killed removes nothing, so the name of its folder tells which one it was,
and a file in it that the folder is ours: nothing else is ever touched.
"""

import hashlib
import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hpcpy_doctor.process import Process

__all__ = ["MARKER", "scratch_folder", "sweep_scratch"]

BEGIN = ".hpcpy-doctor-job"
MARKER = ".made-by-hpcpy-doctor"
NAME = re.compile(
    rf"{re.escape(BEGIN)}-(?P<machine>[0-9a-f]{{16}})-(?P<pid>\d+)-(?P<started>\d+)-[a-z0-9_]{{8}}"
)

FOREIGN_SECONDS = 24 * 3600
"""Of a machine that cannot be asked: what has not changed for a day is left from a dead run."""


@contextmanager
def scratch_folder(parent: Path) -> Iterator[Path]:
    """Make a folder in another one, and remove it at the end. Local.

    Raises
    ------
    OSError
        If it cannot be made.
    """
    try:
        own = Process.read()
        whose = f"{_hash(own.machine)}-{own.pid}-{own.started}"
    except OSError:  # without /proc nobody can tell whether it lives
        whose = f"{0:016x}-{os.getpid()}-0"
    # It removes itself at the exit of the interpreter, too: a check runs in a thread.
    with tempfile.TemporaryDirectory(prefix=f"{BEGIN}-{whose}-", dir=parent) as name:
        folder = Path(name)
        (folder / MARKER).touch()
        yield folder


def sweep_scratch(parent: Path) -> None:
    """Remove what runs that were killed have left in a folder. Local; no errors."""
    with suppress(OSError):
        for folder in parent.glob(f"{BEGIN}-*"):
            with suppress(OSError):
                if (match := NAME.fullmatch(folder.name)) and _is_left(folder, match):
                    shutil.rmtree(folder)


def _is_left(folder: Path, name: re.Match[str]) -> bool:
    """Tell whether it is ours, and its process is no more."""
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        return False
    names = [path.name for path in folder.iterdir()]
    if names and MARKER not in names:  # an empty one died before it had a marker
        return False
    try:
        here = Process.read().machine
    except OSError:
        here = ""
    if _hash(here) != name["machine"]:
        return time.time() - found.st_mtime > FOREIGN_SECONDS
    process = Process(machine=here, pid=int(name["pid"]), started=int(name["started"]))
    return process.lives() is False


def _hash(machine: str) -> str:
    return hashlib.sha256(machine.encode()).hexdigest()[:16]
