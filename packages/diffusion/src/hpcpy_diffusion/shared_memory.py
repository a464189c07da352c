"""Memory that all ranks of a node read and write: one window, one allocation."""

import os
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import Self, cast

import numpy as np
from mpi4py import MPI

from hpcpy_core.agreement import on_root
from hpcpy_core.errors import InputError

__all__ = ["SharedMemory"]

PAGE = 4096
SEGMENTS = Path("/dev/shm")
"""Where Linux keeps shared memory."""
MIB = 2**20


class SharedMemory:
    """One allocation that every rank of a node has in its own address space.

    Zeroed: each rank touches one share of it first, in the order of ranks, so that on
    a machine with several memories a share lies near the rank that works on it.
    Creation and end are collective over comm.

    Parameters
    ----------
    comm
        Ranks of one node, see `MPI.COMM_TYPE_SHARED`.
    nbytes
        Size of the allocation, the same on every rank.

    Raises
    ------
    InputError
        On every rank, if the node has too little shared memory left.
    """

    def __init__(self, comm: MPI.Intracomm, nbytes: int) -> None:
        self._comm = comm
        # Room to move the start to a whole page: MPI promises no alignment.
        size = nbytes + PAGE
        _require_segment(comm, size)
        self._window = MPI.Win.Allocate_shared(size if comm.rank == 0 else 0, 1, comm=comm)
        memory, _ = self._window.Shared_query(0)
        # The address differs between ranks by whole pages, so that rank 0's shift is everyone's.
        shift = comm.bcast(-memory.address % PAGE, root=0)
        self.array = np.frombuffer(cast("memoryview[int]", memory), np.uint8, nbytes, shift)
        """All of it, writable, shape (nbytes,), its start aligned to 4096 bytes."""
        self._window.Lock_all(MPI.MODE_NOCHECK)
        pages = -(-nbytes // PAGE)
        begin, end = (PAGE * (pages * rank // comm.size) for rank in (comm.rank, comm.rank + 1))
        self.array[begin:end] = 0
        self.sync()

    def sync(self) -> None:
        """Wait for all ranks, and see what they have written. Collective over comm."""
        self._window.Sync()
        self._comm.Barrier()
        self._window.Sync()

    def close(self) -> None:
        """Free the memory; no array on it may be used any more. Collective over comm."""
        self._window.Unlock_all()
        self._window.Free()

    def __enter__(self) -> Self:
        """Return the memory itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Free the memory; but a rank that fails alone must not wait for the others here."""
        if error is None or getattr(error, "agreed", False):
            self.close()


def _require_segment(comm: MPI.Intracomm, size: int) -> None:
    """Refuse what cannot be had, by trying. Collective over comm.

    MPI finds out too late: touching what is not there is a bus error, and where a limit on
    file sizes stops rank 0, the others may wait for it for ever.
    """
    with on_root(comm) as root:
        if root and SEGMENTS.is_dir():
            try:
                with TemporaryFile(dir=SEGMENTS) as segment:
                    os.posix_fallocate(segment.fileno(), 0, size)
            except OSError as error:
                raise InputError(
                    f"{size / MIB:.3g} MiB of shared memory cannot be had in {SEGMENTS}: "
                    f"{error.strerror}: give --exchange persistent, or enlarge it (for a "
                    "container: --shm-size)"
                ) from error
