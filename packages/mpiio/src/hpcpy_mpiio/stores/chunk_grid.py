"""Chunks of one shape, such that every chunk has one rank that writes it: integers only.

Zarr's chunks are equal, and the blocks of an uneven decomposition are not. Each
rank therefore writes a region of whole chunks that is its block, or close to it:

    blocks of 10 rows on 4 ranks    0 0 0 1 1 1 2 2 3 3
    regions of chunks of 3 rows     0 0 0 1 1 1 2 2 2 3
"""

from dataclasses import dataclass
from math import ceil, prod

from hpcpy_core.decomposition import Block, Decomposition

__all__ = ["ChunkGrid", "choose_chunks"]

MOST_BYTES = 64 * 2**20


@dataclass(frozen=True, kw_only=True)
class ChunkGrid:
    """The chunks of a decomposed array, and which rank writes which.

    Parameters
    ----------
    decomposition
        Of the array.
    chunk
        Shape of every chunk; those at the end of an axis are cut off there.
    per_rank
        Chunks along every axis of a rank's region.
    """

    decomposition: Decomposition
    chunk: tuple[int, ...]
    per_rank: tuple[int, ...]

    def region(self, rank: int) -> Block:
        """Return the part of the array that a rank writes; it may be empty."""
        sides = [n * per for n, per in zip(self.chunk, self.per_rank, strict=True)]
        bounds = list(
            zip(self.decomposition.coords(rank), sides, self.decomposition.shape, strict=True)
        )
        return Block(
            start=tuple(min(c * side, n) for c, side, n in bounds),
            stop=tuple(min((c + 1) * side, n) for c, side, n in bounds),
        )

    def first_chunk(self, rank: int) -> tuple[int, ...]:
        """Return the index of a rank's first chunk in the grid of chunks."""
        coords = self.decomposition.coords(rank)
        return tuple(c * per for c, per in zip(coords, self.per_rank, strict=True))

    @property
    def regions_are_blocks(self) -> bool:
        """Whether every rank writes just the items that it owns."""
        pairs = (
            (self.region(rank), self.decomposition.owned(rank))
            for rank in range(self.decomposition.ranks)
        )
        return all(region == block or region.size == block.size == 0 for region, block in pairs)


def choose_chunks(decomposition: Decomposition, itemsize: int) -> ChunkGrid:
    """Choose chunks as large as the largest block, or parts of it of at most 64 MiB.

    Parameters
    ----------
    decomposition
        Any.
    itemsize
        Bytes of an item.
    """
    blocks = [decomposition.owned(rank).shape for rank in range(decomposition.ranks)]
    longest = [max(1, *lengths) for lengths in zip(*blocks, strict=True)]
    chunk, per_rank = list(longest), [1] * len(longest)
    while prod(chunk) * itemsize > MOST_BYTES and max(chunk, default=1) > 1:
        axis = chunk.index(max(chunk))
        per_rank[axis] = _pieces(longest[axis], 2 * per_rank[axis])
        chunk[axis] = ceil(longest[axis] / per_rank[axis])
    return ChunkGrid(decomposition=decomposition, chunk=tuple(chunk), per_rank=tuple(per_rank))


def _pieces(length: int, at_least: int) -> int:
    """Return a number of equal pieces of `length`, where there is one in reach."""
    return next((n for n in range(at_least, 2 * at_least) if length % n == 0), at_least)
