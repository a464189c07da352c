"""Open one file on all ranks, and give it up on all of them.

MPI_File_open is collective, and what it does where one rank cannot open the file differs: under
Open MPI the others may wait for that rank for ever. So each rank tries the system's own call
first, and all agree on what came of it.
"""

import errno
import os
import secrets
import stat
from contextlib import ExitStack, suppress
from pathlib import Path

from mpi4py import MPI

from hpcpy_core.agreement import agreed, on_root
from hpcpy_core.files.kind import name_kind
from hpcpy_core.files.regular import NotRegularError
from hpcpy_mpiio.failing import failing

__all__ = ["MOUNTS", "close_quietly", "open_together", "try_folder", "try_open"]

MOUNTS = "check that every node mounts this folder"
DESCRIPTORS = 8
"""So many must be free: MPI opens the file, and others that go with it."""

FLAGS = os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
ACCESS = {MPI.MODE_RDONLY: os.O_RDONLY, MPI.MODE_WRONLY: os.O_WRONLY, MPI.MODE_RDWR: os.O_RDWR}


def open_together(path: str, amode: int, info: MPI.Info, comm: MPI.Intracomm) -> MPI.File:
    """Open an existing file. Collective over comm.

    Parameters
    ----------
    path
        The same file on every rank.
    amode
        MPI.MODE_RDONLY or MPI.MODE_WRONLY.
    info
        Hints.
    comm
        Its ranks open the file together.

    Returns
    -------
    MPI.File
        The caller closes it, on all ranks.

    Raises
    ------
    FileError
        The same on every rank, if opening failed on any.
    """
    with agreed(comm), failing(f"open {path}", MOUNTS):
        try_open(path, amode)
    with agreed(comm), failing(f"open {path}", MOUNTS):
        return MPI.File.Open(comm, path, amode, info)


def try_open(path: str | Path, amode: int) -> None:
    """Open an existing regular file by the system's own call, and close it. Local.

    Raises
    ------
    OSError
        If that fails, the file is not regular, or the process has too few descriptors left.
    """
    with ExitStack() as stack:
        descriptor = os.open(path, ACCESS.get(amode, os.O_RDONLY) | FLAGS)
        stack.callback(os.close, descriptor)
        _require_regular(path, descriptor)
        _spare_descriptors(stack, descriptor)


def try_folder(folder: Path, comm: MPI.Intracomm) -> None:
    """See that all ranks can open a file that rank 0 makes in a folder. Collective over comm.

    It is gone afterwards. A folder of the same name that is another one does not do.

    Raises
    ------
    FileError
        The same on every rank, if any cannot, or has too few descriptors left.
    """
    trial: Path | None = None
    try:
        with on_root(comm) as is_root, failing(f"create a file in {folder}", MOUNTS):
            if is_root:
                trial = folder / f".{secrets.token_hex(8)}.tmp"
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
                os.close(os.open(trial, flags, 0o666))
        shared: Path = comm.bcast(trial, root=0)
        with (
            agreed(comm),
            failing(f"open a file in {folder} on rank {comm.rank}", MOUNTS),
        ):
            try_open(shared, MPI.MODE_RDWR)
    finally:
        if trial is not None:
            trial.unlink(missing_ok=True)


def close_quietly(file: MPI.File) -> None:
    """Close a file after an error that matters more than one from closing. Collective."""
    with suppress(MPI.Exception):
        file.Close()


def _require_regular(path: str | Path, descriptor: int) -> None:
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        raise NotRegularError(errno.EINVAL, f"not a regular file ({name_kind(mode)})", str(path))


def _spare_descriptors(stack: ExitStack, descriptor: int) -> None:
    """Hold some more for a moment, to see that they are there."""
    for _ in range(DESCRIPTORS):
        stack.callback(os.close, os.dup(descriptor))
