"""Remove the shared memory that an expendable job has left behind. Starts no MPI."""

import os
from math import inf
from pathlib import Path

from hpcpy_core.awareness.sweep import SHARED, sweep
from hpcpy_core.find_library import list_mapped
from hpcpy_doctor.looks.shared_files import sees_all_processes

__all__ = ["SHARED", "free_shared", "list_shared", "sweep_shared"]

NAMES = ("mpich_shm_", "sm_segment.", "vader_segment.", "ucx_shm_")
"""Beginnings of what MPICH, Open MPI and UCX make there."""


def free_shared(folder: Path = SHARED) -> float:
    """Return how many bytes are free there; infinity where that cannot be told. Local."""
    try:
        found = os.statvfs(folder)
    except OSError:
        return inf
    return found.f_bavail * found.f_frsize


def list_shared(folder: Path = SHARED) -> frozenset[str]:
    """Return the files of shared memory that MPIs have made. Local."""
    try:
        return frozenset(str(path) for path in folder.iterdir() if path.name.startswith(NAMES))
    except OSError:
        return frozenset()


def sweep_shared(before: frozenset[str], since: float, folder: Path = SHARED) -> list[Path]:
    """Remove what has come since then and no process uses. Local; returns what was removed.

    Nothing is where processes are hidden from this one: a job outside may have begun meanwhile.

    Parameters
    ----------
    before
        From `list_shared`, before the job.
    since
        When it began, in seconds since the epoch.
    folder
        Where.
    """
    new = list_shared(folder) - before
    if not new or not sees_all_processes():
        return []
    used: set[str] = set()
    for process in Path("/proc").iterdir():
        if process.name.isdecimal() and _is_ours(process):
            used.update(list_mapped(process / "maps"))
    return sweep(new - used, since, folder)


def _is_ours(process: Path) -> bool:
    try:
        return process.stat().st_uid == os.geteuid()
    except OSError:  # it has ended
        return False
