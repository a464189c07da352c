"""Files of shared memory that MPI jobs of this user have left behind.

``python -m hpcpy_doctor.looks.shared_files`` lists them, a line each.
"""

import os
import re
import stat
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from time import time

from hpcpy_core.awareness.sweep import SHARED
from hpcpy_core.find_library import list_mapped

__all__ = ["PROC", "list_unused", "sees_all_processes"]

PROC = Path("/proc")

NAME = re.compile(
    r"(mpich_sh(m|ar)_|vader_segment\.|sm_segment\.|osc_(sm|rdma)\.|ucx_shm_|psm\d?_shm\.|nccl-"
    r"|Intel_MPI_|impi-shm-|cray-shared-mem)\S*"
)
"""What MPICH, Open MPI, UCX, PSM, NCCL, Intel's and Cray's MPI make; psm_ alone is Python's."""

YOUNGEST = 30.0
"""Seconds: a job that just starts makes a file before it maps it."""

FIRST_NAMESPACES = ("pid:[4026531836]", "user:[4026531837]")
"""As the kernel numbers them: whoever is in them sees all processes, and may look at them."""

ENDED = (FileNotFoundError, ProcessLookupError)

INIT = "1"
"""The first process of the machine, which is no rank, and may be closed even to root."""


def list_unused(shared: Path = SHARED, proc: Path = PROC, now: float | None = None) -> list[Path]:
    """Return this user's files that no living process has open or mapped. Local.

    Nothing is named where a process of this user does not show what it uses.

    Parameters
    ----------
    shared, proc
        Where processes share memory, and where the kernel shows them.
    now
        In seconds since the epoch; None is now.
    """
    before = (time() if now is None else now) - YOUNGEST
    found = [path for path in _list_own(shared) if path.lstat().st_mtime < before]
    try:
        used = _list_used(proc) if found else frozenset()
    except PermissionError:
        return []
    return [path for path in found if str(path) not in used]


def sees_all_processes(proc: Path = PROC) -> bool:
    """Say whether no process of this machine is hidden from this one. Local.

    In a container with namespaces of its own a file may be in use outside of it.
    """
    try:
        own = [str((proc / "self" / "ns" / kind).readlink()) for kind in ("pid", "user")]
    except OSError:
        return False
    return own == list(FIRST_NAMESPACES)


def _list_own(shared: Path) -> Iterator[Path]:
    try:
        paths = sorted(shared.iterdir())
    except OSError:
        return
    for path in paths:
        try:
            status = path.lstat()
        except OSError:  # it is gone
            continue
        ours = stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid()
        if ours and NAME.fullmatch(path.name):
            yield path


def _list_used(proc: Path) -> frozenset[str]:
    """Name all files that processes of this user have open or mapped.

    Raises
    ------
    PermissionError
        If one of them does not show it: it has more rights than this one, and may use any file.
    """
    used: set[str] = set()
    for process in proc.iterdir():
        if process.name.isdecimal() and process.name != INIT:
            with suppress(*ENDED):
                if process.stat().st_uid == os.geteuid():
                    used.update(list_mapped(process / "maps"))
                    used.update(_list_open(process / "fd"))
    return frozenset(used)


def _list_open(folder: Path) -> Iterator[str]:
    for link in list(folder.iterdir()):
        with suppress(*ENDED):  # closed since
            yield str(link.readlink())


if __name__ == "__main__":
    sys.stdout.writelines(f"{path}\n" for path in list_unused())
