"""Thin a field for the eye: every k-th row and column of it is kept. Pure integers. No MPI.

Rows and columns are counted in the whole field, its boundary included, from 0: so all
decompositions keep the same points.
"""

from collections.abc import Sequence

from hpcpy_core.decomposition import Block

__all__ = ["LARGEST_SIDE", "find_stride", "thin_block", "thin_slices"]

LARGEST_SIDE = 1000
"""Points a side that frames and pictures have at most, unless whole frames are asked for."""


def find_stride(shape: Sequence[int]) -> int:
    """Return k for a field of this shape: 1 where all of it is kept. Local."""
    return max(1, -(-max(shape) // LARGEST_SIDE))


def thin_block(block: Block, stride: int) -> Block:
    """Return where the kept points of a block are in the thinned field; it may be empty. Local."""
    return Block(
        start=tuple(-(-start // stride) for start in block.start),
        stop=tuple(-(-stop // stride) for stop in block.stop),
    )


def thin_slices(block: Block, stride: int) -> tuple[slice, ...]:
    """Return the slices that select the kept points from an array that holds the block. Local."""
    kept = thin_block(block, stride)
    return tuple(
        slice(stride * first - start, stop - start, stride)
        for first, start, stop in zip(kept.start, block.start, block.stop, strict=True)
    )
