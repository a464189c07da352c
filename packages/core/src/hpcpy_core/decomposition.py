"""Block decomposition of an n-dimensional array over a grid of ranks: integers only.

All index ranges here count in the whole array. An array may carry a fixed
boundary frame around its interior (the zero rim of a Dirichlet problem); the
interior is then what is divided, and the ranks at the rim own the frame.

        whole array          owned by rank 0      padded block of rank 0
        b b b b b b          b b b . . .          b b b b . .
        b 0 0 1 1 b          b 0 0 . . .          b 0 0 h . .
        b 0 0 1 1 b          b 0 0 . . .          b 0 0 h . .
        b b b b b b          b b b . . .          b b b b . .
"""

from dataclasses import dataclass
from math import prod

from hpcpy_core.numbers import as_integer, as_integers

__all__ = ["Block", "Decomposition", "split_evenly"]


def split_evenly(length: int, parts: int, index: int) -> tuple[int, int]:
    """Return start and stop of part `index` of range(length) cut into `parts`.

    The first ``length % parts`` parts are one longer; with more parts than
    items the last parts are empty.
    """
    length, parts = as_integer(length, "length"), as_integer(parts, "parts")
    index = as_integer(index, "index")
    quotient, remainder = divmod(length, parts)
    start = index * quotient + min(index, remainder)
    return start, start + quotient + (index < remainder)


@dataclass(frozen=True, kw_only=True)
class Block:
    """A box of indices of the whole array: start included, stop not."""

    start: tuple[int, ...]
    stop: tuple[int, ...]

    def __post_init__(self) -> None:
        """Take lists and NumPy's numbers."""
        object.__setattr__(self, "start", as_integers(self.start, "start"))
        object.__setattr__(self, "stop", as_integers(self.stop, "stop"))

    @property
    def shape(self) -> tuple[int, ...]:
        """Length along every axis."""
        return tuple(b - a for a, b in zip(self.start, self.stop, strict=True))

    @property
    def size(self) -> int:
        """Number of items."""
        return prod(self.shape)

    def within(self, outer: "Block") -> tuple[slice, ...]:
        """Return the slices that select this block from an array holding `outer`."""
        return tuple(
            slice(a - o, b - o) for a, b, o in zip(self.start, self.stop, outer.start, strict=True)
        )


@dataclass(frozen=True, kw_only=True)
class Decomposition:
    """An array of `shape` divided over a grid of `dims` ranks, in row-major rank order.

    Parameters
    ----------
    shape
        Of the whole array, boundary frame included.
    dims
        Ranks along every axis. The order of ranks is MPI's for a Cartesian
        communicator that was created without reordering.
    boundary
        Width of the fixed frame around the interior.
    """

    shape: tuple[int, ...]
    dims: tuple[int, ...]
    boundary: int = 0

    def __post_init__(self) -> None:
        """Take lists and NumPy's numbers, and refuse what cannot be a decomposition."""
        object.__setattr__(self, "shape", as_integers(self.shape, "shape"))
        object.__setattr__(self, "dims", as_integers(self.dims, "dims"))
        object.__setattr__(self, "boundary", as_integer(self.boundary, "boundary"))
        if len(self.shape) != len(self.dims):
            raise ValueError(f"shape {self.shape} and dims {self.dims} differ in length")
        if min(self.dims, default=1) < 1 or self.boundary < 0:
            raise ValueError(f"dims {self.dims} or boundary {self.boundary} is out of range")
        if min(self.shape, default=0) < 2 * self.boundary:
            raise ValueError(f"shape {self.shape} has no room for boundary {self.boundary}")

    @property
    def ranks(self) -> int:
        """Number of ranks that the array is divided over."""
        return prod(self.dims)

    def coords(self, rank: int) -> tuple[int, ...]:
        """Return the position of a rank in the grid, as MPI_Cart_coords does."""
        rank = as_integer(rank, "rank")
        if not 0 <= rank < self.ranks:
            raise ValueError(f"rank {rank} is not one of {self.ranks}")
        coords = []
        for length in reversed(self.dims):
            rank, coord = divmod(rank, length)
            coords.append(coord)
        return tuple(reversed(coords))

    def interior(self, rank: int) -> Block:
        """Return the part of the interior that a rank computes."""
        spans = [
            split_evenly(length - 2 * self.boundary, parts, coord)
            for length, parts, coord in zip(self.shape, self.dims, self.coords(rank), strict=True)
        ]
        return Block(
            start=tuple(self.boundary + start for start, _ in spans),
            stop=tuple(self.boundary + stop for _, stop in spans),
        )

    def owned(self, rank: int) -> Block:
        """Return the part of the whole array that a rank writes: each item has one owner."""
        block, coords = self.interior(rank), self.coords(rank)
        last = tuple(parts - 1 for parts in self.dims)
        return Block(
            start=tuple(0 if c == 0 else a for c, a in zip(coords, block.start, strict=True)),
            stop=tuple(
                n if c == end else b
                for c, end, b, n in zip(coords, last, block.stop, self.shape, strict=True)
            ),
        )

    def padded(self, rank: int, halo: int = 1) -> Block:
        """Return the interior block grown by `halo` on every side, cut at the array's edge."""
        block, halo = self.interior(rank), as_integer(halo, "halo")
        return Block(
            start=tuple(max(0, a - halo) for a in block.start),
            stop=tuple(min(n, b + halo) for b, n in zip(block.stop, self.shape, strict=True)),
        )
