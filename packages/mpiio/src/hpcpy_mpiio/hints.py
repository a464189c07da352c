"""The hints without which an MPI hides errors of its collective input and output."""

from collections.abc import Iterator
from contextlib import contextmanager

from mpi4py import MPI

__all__ = ["reliable_hints"]


@contextmanager
def reliable_hints() -> Iterator[MPI.Info]:
    """Give the hints for opening a file and setting its view. Local.

    With collective buffering, Open MPI 5.0 on three or more ranks returns success
    and full counts on every rank from a Write_all that met a full disk, and can
    hang in the next collective call on the file. Without, the ranks whose part
    failed raise. Others ignore the hint or lose speed by it, so they do not get it.
    """
    hints = {"collective_buffering": "false"} if MPI.get_vendor()[0] == "Open MPI" else {}
    info = MPI.Info.Create(hints)
    try:
        yield info
    finally:
        info.Free()
