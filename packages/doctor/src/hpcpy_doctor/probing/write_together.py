"""Write a small file by all ranks together, and read it back: whole, right, and agreed upon."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from hpcpy_doctor.probing.trials import WrongValuesError

if TYPE_CHECKING:
    from mpi4py import MPI

__all__ = ["expected", "write_together"]

Result = TypeVar("Result")

BLOCK = 8192
ROUNDS = 4


class StepFailedError(Exception):
    """A step that failed on some ranks, and has ended on all of them."""


def expected(ranks: int) -> bytes:
    """Return what the file holds after `write_together` by so many ranks. Local."""
    return b"".join(_block(number, rank) for number in range(ROUNDS) for rank in range(ranks))


def write_together(comm: "MPI.Intracomm", path: Path) -> None:
    """Write blocks in turns, then read those of the next rank. Collective over comm.

    Parameters
    ----------
    comm
        The ranks that write.
    path
        A file that is not there yet, the same on all ranks.

    Raises
    ------
    StepFailedError
        On all ranks, if MPI has raised on any: in a collective call one rank can fail alone.
    WrongValuesError
        On a rank that has read something else.
    """
    from mpi4py import MPI

    mode = MPI.MODE_CREATE | MPI.MODE_EXCL | MPI.MODE_RDWR
    file = _together(comm, "MPI_File_open", partial(MPI.File.Open, comm, str(path), mode))
    for number in range(ROUNDS):
        at, block = BLOCK * (number * comm.size + comm.rank), _block(number, comm.rank)
        _together(comm, "MPI_File_write_at_all", partial(file.Write_at_all, at, block))
    _together(comm, "MPI_File_sync", file.Sync)
    neighbour = (comm.rank + 1) % comm.size
    for number in range(ROUNDS):
        at, got = BLOCK * (number * comm.size + neighbour), bytearray(BLOCK)
        _together(comm, "MPI_File_read_at_all", partial(file.Read_at_all, at, got))
        if got != _block(number, neighbour):
            raise WrongValuesError(f"rank {comm.rank} read other bytes than rank {neighbour} wrote")
    _together(comm, "MPI_File_close", file.Close)


def _block(number: int, rank: int) -> bytes:
    return bytes((17 * number + 101 * rank + index) % 251 for index in range(BLOCK))


def _together(comm: "MPI.Intracomm", what: str, call: Callable[[], Result]) -> Result:
    """Return what a call returned, once it has ended well on all ranks. Collective over comm."""
    from mpi4py import MPI

    error, result = None, []
    try:
        result.append(call())
    except MPI.Exception as raised:
        error = f"rank {comm.rank}: {' '.join(str(raised).split())}"
    if errors := [said for said in comm.allgather(error) if said]:
        raise StepFailedError(f"{what} failed on {len(errors)} of {comm.size} ranks; {errors[0]}")
    return result[0]
