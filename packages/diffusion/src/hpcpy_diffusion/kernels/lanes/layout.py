"""The lane-split layout: a row is cut into as many pieces as a vector has lanes.

Piece l goes into lane l of the row's vectors: vector k holds the cells k, k + w, k + 2 w, ...
of a row of m cells, w = ceil(m / lanes). Here are 14 cells in 4 lanes, w = 4::

    cells of the row     0  1  2  3 | 4  5  6  7 | 8  9 10 11 | 12 13  .  .

                     lane 0   1   2   3
         vector 0         0   4   8  12
         vector 1         1   5   9  13
         vector 2         2   6  10   .
         vector 3         3   7  11   .

The neighbours to the west and east of all cells in a vector are the vectors before and
after it, whole and aligned; nothing is shuffled, except at the two ends of a row, where
they are in the next lane. In plain rows, the same loads would lie across cache lines.
Source: Henretty et al., Data layout transformation for stencil computations on
short-vector SIMD architectures, Compiler Construction 2011.

Cells behind the end of the row are dead. Only the first of them is read by one that is
alive, so it has to stay zero; the others then stay zero by themselves.
"""

from dataclasses import dataclass
from math import ceil

import numpy as np
import numpy.typing as npt
from numba import types

from hpcpy_core.files.numba_cache import cached_njit
from hpcpy_diffusion.kernels import Field
from hpcpy_diffusion.kernels.lanes.vectors import VECTOR_BYTES

__all__ = ["LaneLayout", "Lanes", "from_lanes", "to_lanes"]

Lanes = npt.NDArray[np.floating]
"""Shape (rows, vectors of a row and the space behind it, lanes)."""

PAGE = 4096
"""Two addresses that are alike in their last 12 bits look alike to a processor at first."""

ROWS_IN_FLIGHT = 6
"""So many rows apart are those that are read and written at the same time."""


@dataclass(frozen=True, kw_only=True)
class LaneLayout:
    """How rows of so many cells are stored. All integers; see above."""

    columns: int
    dtype: np.dtype[np.floating]

    @property
    def lanes(self) -> int:
        """Cells in a vector."""
        return VECTOR_BYTES // self.dtype.itemsize

    @property
    def vectors(self) -> int:
        """Vectors of a row, w."""
        return ceil(self.columns / self.lanes)

    @property
    def stride(self) -> int:
        """Vectors from a row to the next one, at most one eighth more than there are.

        The space is for the processor: a load has to wait where its address looks like that
        of a store just before, so rows in flight should lie far apart within a page.
        """
        choices = range(self.vectors, self.vectors + self.vectors // 8 + 3)
        return max(choices, key=lambda stride: (_distance_in_page(stride), -stride))

    @property
    def dead(self) -> tuple[int, int]:
        """Vector and lane of the first dead cell; (-1, -1) if there is none."""
        if self.columns == self.vectors * self.lanes:
            return -1, -1
        return self.place(self.columns)

    def place(self, column: int) -> tuple[int, int]:
        """Return vector and lane of a cell."""
        lane, vector = divmod(column, self.vectors)
        return vector, lane

    def zeros(self, rows: int) -> Lanes:
        """Return so many rows of zeros that begin on a page."""
        memory = np.empty(self.bytes(rows) + PAGE, dtype=np.uint8)
        memory.fill(0)  # np.zeros would leave it to the first step to touch each page
        return self.in_memory(memory[-memory.ctypes.data % PAGE :][: self.bytes(rows)], rows)

    def bytes(self, rows: int) -> int:
        """Return the size of so many rows."""
        return rows * self.stride * VECTOR_BYTES

    def in_memory(self, memory: npt.NDArray[np.uint8], rows: int) -> Lanes:
        """Return so many rows that lie in the given bytes, as they are."""
        return memory.view(self.dtype).reshape(rows, self.stride, self.lanes)


def _distance_in_page(stride: int) -> int:
    """Return how many vectors apart rows in flight are, as the last bits of addresses tell."""
    page = PAGE // VECTOR_BYTES
    apart = (stride * rows % page for rows in range(1, ROWS_IN_FLIGHT + 1))
    return min(min(distance, page - distance) for distance in apart)


def _to_lanes(plain: Field, lanes: Lanes) -> None:
    columns, vectors = plain.shape[1], lanes.shape[1]
    for i in range(plain.shape[0]):
        row, into = plain[i], lanes[i]
        for lane in range(lanes.shape[2]):
            start = min(lane * vectors, columns)
            stop = min(start + vectors, columns)
            for k in range(stop - start):
                into[k, lane] = row[start + k]


def _from_lanes(lanes: Lanes, plain: Field) -> None:
    columns, vectors = plain.shape[1], lanes.shape[1]
    for i in range(plain.shape[0]):
        row, source = plain[i], lanes[i]
        for lane in range(lanes.shape[2]):
            start = min(lane * vectors, columns)
            stop = min(start + vectors, columns)
            for k in range(stop - start):
                row[start + k] = source[k, lane]


_STRIDED = [
    types.void(types.Array(real, ndim, "A"), types.Array(real, 5 - ndim, "A"))
    for real in (types.float64, types.float32)
    for ndim in (2, 3)
]
"""Compiled for arrays of any strides, so that no layout of a plain array is compiled later."""

to_lanes = cached_njit(*_STRIDED[::2], nogil=True)(_to_lanes)
"""Write plain rows into the layout: (plain, lanes). Dead cells are left alone."""

from_lanes = cached_njit(*_STRIDED[1::2], nogil=True)(_from_lanes)
"""Write rows of the layout into plain ones: (lanes, plain)."""
