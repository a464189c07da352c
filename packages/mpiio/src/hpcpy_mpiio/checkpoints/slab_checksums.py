"""Checksums of a .npy file's items, slab by slab. No MPI: each rank reads its own share.

The rows of the whole array are cut into slabs, whoever wrote them: so any number of
ranks can divide the slabs, and a damaged one is named.
"""

import os
from dataclasses import dataclass
from math import ceil, prod
from pathlib import Path
from zlib import crc32

from hpcpy_core.errors import FileError
from hpcpy_core.files.regular import open_regular
from hpcpy_mpiio.failing import failing
from hpcpy_mpiio.header import Header

__all__ = ["Slabs", "checksum_slabs"]

SLAB_BYTES = 1 << 20
MOST_SLABS = 1024
"""Of one array: its checksums are part of a small file that rank 0 reads."""

CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Slabs:
    """The rows of an array in slabs of `rows_per_slab`, of which the last may be shorter.

    A row is an item of the first axis; an array without axes is one row.
    """

    rows: int
    row_bytes: int
    rows_per_slab: int

    @classmethod
    def divide(cls, header: Header, rows_per_slab: int | None = None) -> "Slabs":
        """Divide an array; by default into slabs of about 1 MiB, 1024 of them at most."""
        rows = header.shape[0] if header.shape else 1
        row_bytes = prod(header.shape[1:]) * header.dtype.itemsize
        if rows_per_slab is None:
            wanted = max(SLAB_BYTES, ceil(header.nbytes / MOST_SLABS))
            rows_per_slab = max(1, ceil(wanted / max(1, row_bytes)))
        return cls(rows=rows, row_bytes=row_bytes, rows_per_slab=rows_per_slab)

    @property
    def count(self) -> int:
        """Number of slabs."""
        return ceil(self.rows / self.rows_per_slab)

    def span(self, index: int) -> tuple[int, int]:
        """Return the first row of a slab and the one after its last."""
        start = index * self.rows_per_slab
        return start, min(start + self.rows_per_slab, self.rows)

    def name(self, index: int) -> str:
        """Return how a message names a slab."""
        start, stop = self.span(index)
        return f"slab {index} (rows {start} to {stop - 1})"


def checksum_slabs(path: Path, offset: int, slabs: Slabs, indices: range) -> list[str]:
    """Read some slabs of a file. Local.

    Parameters
    ----------
    path
        A file of a C-ordered array.
    offset
        Where its items start, in bytes.
    slabs
        How the array is divided.
    indices
        Which slabs.

    Returns
    -------
    list of str
        The CRC-32 of each slab's bytes, as 8 hexadecimal digits.

    Raises
    ------
    FileError
        If the file cannot be read or ends too early.
    """
    buffer = memoryview(bytearray(CHUNK_BYTES))
    checksums = []
    with failing(f"read {path}", "check the disk"), open_regular(path) as stream:
        for index in indices:
            start, stop = slabs.span(index)
            place = offset + start * slabs.row_bytes
            left, checksum = (stop - start) * slabs.row_bytes, 0
            while left > 0:
                got = os.preadv(stream.fileno(), [buffer[: min(left, CHUNK_BYTES)]], place)
                if not got:
                    raise FileError(f"{path} ends inside {slabs.name(index)}")
                checksum = crc32(buffer[:got], checksum)
                place, left = place + got, left - got
            checksums.append(f"{checksum:08x}")
    return checksums
