"""Error agreement: every rank learns of one rank's error and raises the same one.

A rank that raises alone leaves the others waiting in their next collective call
for ever. A step that can fail on one rank only (opening a file, reading input)
therefore ends in an agreement.
"""

import pickle
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from mpi4py import MPI

from hpcpy_core.errors import HpcpyError
from hpcpy_core.waiting import wait_asleep

__all__ = ["agreed", "on_root", "raise_on_all"]


def raise_on_all(comm: MPI.Intracomm, error: Exception | None) -> None:
    """Raise the error of the lowest failing rank on every rank. Collective over comm.

    Parameters
    ----------
    comm
        The ranks that agree.
    error
        This rank's error, or None where all is well.

    Raises
    ------
    Exception
        The same type and message on every rank, if any rank passed an error. A
        note on it names the rank; an error that cannot be pickled arrives on
        the other ranks as an `HpcpyError` with the same text.
    """
    lowest = np.array([comm.rank if error is not None else comm.size])
    comm.Allreduce(MPI.IN_PLACE, lowest, op=MPI.MIN)  # a lower-case call would cost ten times it
    failing = int(lowest[0])
    if failing == comm.size:
        return
    message = _pack(error) if comm.rank == failing and error is not None else None
    message = comm.bcast(message, root=failing)
    if comm.rank != failing or error is None:
        error = _unpack(message)
        error.add_note(f"raised on rank {failing} of {comm.size}")
    if isinstance(error, HpcpyError):
        error.agreed = True
    raise error


@contextmanager
def agreed(comm: MPI.Intracomm, *, patient: bool = False) -> Iterator[None]:
    """Run a block that may fail on some ranks only. Collective over comm.

    The block itself must not communicate over `comm`: a rank that fails before
    such a call would leave the others waiting in it.

    Parameters
    ----------
    comm
        The ranks that agree.
    patient
        Whether to wait for the slowest without spinning: its block may take long, and
        need the cores.

    Raises
    ------
    Exception
        The error of the lowest failing rank, on every rank.
    """
    error: Exception | None = None
    try:
        yield
    except Exception as caught:
        error = caught
    if patient:
        wait_asleep(comm.Ibarrier())
    raise_on_all(comm, error)


@contextmanager
def on_root(comm: MPI.Intracomm, root: int = 0) -> Iterator[bool]:
    """Like `agreed`, and yields True on the root only. Collective over comm.

    What the root does may take long, and may need the cores: the other ranks
    wait for it without spinning.
    """
    with agreed(comm, patient=True):
        yield comm.rank == root


def _pack(error: Exception) -> bytes:
    """Pickle an error, or its text where the error does not survive pickling."""
    try:
        packed = pickle.dumps(error)
        pickle.loads(packed)
    except Exception:
        packed = pickle.dumps(HpcpyError(f"{type(error).__name__}: {error}"))
    return packed


def _unpack(message: bytes) -> Exception:
    error = pickle.loads(message)
    return error if isinstance(error, Exception) else HpcpyError(repr(error))
