"""Where the ranks' blocks are in a shared file: integers only, no MPI.

A file is a 2-D array of float64 items in C order, and every rank owns one block of
it, of the same number of items in each layout; here with 2 ranks of 6 items:

    contiguous      rows         columns          blocks (4 ranks)   strided
    0 0 0 0 0 0     0 0          0 0 1 1          0 0 1 1            0 1
    1 1 1 1 1 1     0 0          0 0 1 1          0 0 1 1            0 1
                    0 0          0 0 1 1          2 2 3 3            0 1 ...
                    1 1 ...                       2 2 3 3            (one segment a line)

In IOR's terms, contiguous is a block of the rank's bytes in one segment, strided a
block of a segment's bytes in many.
"""

from dataclasses import dataclass
from math import isqrt
from typing import Literal, get_args

from hpcpy_core.decomposition import Decomposition
from hpcpy_core.errors import InputError
from hpcpy_core.sizes import format_size

__all__ = ["ITEM_BYTES", "LAYOUTS", "Layout", "LayoutName", "make_layout"]

LayoutName = Literal["contiguous", "rows", "columns", "blocks", "strided"]
LAYOUTS: tuple[LayoutName, ...] = get_args(LayoutName)

ITEM_BYTES = 8
LONGEST_STRIDE = (1 << 31) - 1
"""In items: Open MPI describes vectors and axes with C ints."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """A file's layout: its name, and the array of items that is divided over the ranks."""

    name: LayoutName
    decomposition: Decomposition

    @property
    def nbytes(self) -> int:
        """Bytes of the whole file."""
        rows, columns = self.decomposition.shape
        return rows * columns * ITEM_BYTES

    @property
    def run_bytes(self) -> int:
        """Bytes of one rank that follow each other in the file without a gap."""
        rows, columns = self.decomposition.owned(0).shape
        whole_rows = columns == self.decomposition.shape[1]
        return columns * (rows if whole_rows else 1) * ITEM_BYTES

    def offset(self, rank: int, item: int) -> int:
        """Return the byte of the file at which an item of a rank's block begins."""
        block = self.decomposition.owned(rank)
        row, column = divmod(item, block.shape[1])
        width = self.decomposition.shape[1]
        return ((block.start[0] + row) * width + block.start[1] + column) * ITEM_BYTES


def make_layout(
    name: LayoutName, size: int, segments: int, grid: tuple[int, int], ranks: int
) -> Layout:
    """Lay out a file in which every rank owns `size` bytes. Local.

    Parameters
    ----------
    name
        Of the layout.
    size
        Bytes of each rank.
    segments
        Into how many pieces each rank's bytes are cut, in ``strided`` only.
    grid
        Ranks along both axes, in ``blocks`` only: what MPI.Compute_dims gives.
    ranks
        How many.

    Raises
    ------
    InputError
        If the bytes are not whole items or segments, or the array is too wide.
    """
    if size % ITEM_BYTES:
        raise InputError(f"--size {size} is not a multiple of {ITEM_BYTES}, the bytes of a float64")
    items = size // ITEM_BYTES
    if name == "strided" and items % segments:
        raise InputError(
            f"--size {format_size(size)} cannot be cut into {segments} segments of whole float64 "
            "items: give a --segments that divides it"
        )
    short = _near_root(items)
    local, dims = {
        "contiguous": ((1, items), (ranks, 1)),
        "rows": ((items // short, short), (ranks, 1)),
        "columns": ((items // short, short), (1, ranks)),
        "blocks": ((items // short, short), grid),
        "strided": ((segments, items // segments), (1, ranks)),
    }[name]
    shape = (local[0] * dims[0], local[1] * dims[1])
    if name != "contiguous" and max(shape) > LONGEST_STRIDE:
        raise InputError(
            f"--layout {name} of --size {format_size(size)} would be an array of shape {shape}, "
            f"and MPI describes at most {LONGEST_STRIDE} items along an axis: give a smaller "
            "--size" + (", or more --segments" if name == "strided" else "")
        )
    return Layout(name=name, decomposition=Decomposition(shape=shape, dims=dims))


def _near_root(number: int) -> int:
    """Return the largest divisor that is not above the square root: the squarest block."""
    return next(divisor for divisor in range(isqrt(number), 0, -1) if number % divisor == 0)
