"""Open one file on all ranks, and give it up on all of them."""

from contextlib import suppress

from mpi4py import MPI

from hpcpy_core.agreement import agreed
from hpcpy_mpiio.failing import failing

__all__ = ["close_quietly", "open_together"]


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
    with agreed(comm), failing(f"open {path}", "check that every node mounts this folder"):
        return MPI.File.Open(comm, path, amode, info)


def close_quietly(file: MPI.File) -> None:
    """Close a file after an error that matters more than one from closing. Collective."""
    with suppress(MPI.Exception):
        file.Close()
