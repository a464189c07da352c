"""Read every block of a new file back on another rank than the one that wrote it."""

import zlib
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import numpy as np
import numpy.typing as npt
from mpi4py import MPI

from hpcpy_core.agreement import agreed
from hpcpy_core.decomposition import Decomposition
from hpcpy_core.errors import FileError
from hpcpy_mpiio.header import Order
from hpcpy_mpiio.message import as_bytes
from hpcpy_mpiio.open_npy import open_field
from hpcpy_mpiio.page_cache import drop_cached
from hpcpy_mpiio.replacement import Replacement

__all__ = ["verify_blocks"]


def verify_blocks(
    replacement: Replacement,
    block: npt.NDArray[Any],
    decomposition: Decomposition,
    order: Order,
    comm: MPI.Intracomm,
    *,
    hints: Mapping[str, str] | None = None,
) -> None:
    """Compare what the temporary holds with what is in memory. Collective over comm.

    Each rank reads the block of the rank before it, and compares its checksum
    (CRC-32) with the one that the writer takes from its memory. The system is asked
    to forget its copy of the file first, so that the disk is read; it may not do so.

    Parameters
    ----------
    replacement
        The temporary is whole and on the disk.
    block, decomposition, order, hints
        As for `hpcpy_mpiio.save`.
    comm
        All of its ranks must call.

    Raises
    ------
    FileError
        The same on every rank, if any block is another one; names its rank and place.
    """
    writer, reader = (comm.rank - 1) % comm.size, (comm.rank + 1) % comm.size
    with agreed(comm):
        with suppress(OSError):  # some file systems cannot
            drop_cached(replacement.temporary)
        written = _checksum(block, order)
    expected: int = comm.sendrecv(written, dest=reader, source=writer)
    place = decomposition.owned(writer)
    with open_field(replacement.temporary, comm, hints=hints) as field:
        found = field.read_block(place)
    with agreed(comm):
        if _checksum(found, order) != expected:
            indices = ", ".join(f"{a}:{b}" for a, b in zip(place.start, place.stop, strict=True))
            raise FileError(
                f"{replacement.target} was not written as it is in memory: the block [{indices}] "
                f"of rank {writer}, read back by rank {comm.rank}, is another one; it keeps its "
                "old content: check the disk and its connection, then save again"
            )


def _checksum(block: npt.NDArray[Any], order: Order) -> int:
    if block.nbytes == 0:
        return 0
    return zlib.crc32(as_bytes(np.asarray(block, order=order), order).data)
