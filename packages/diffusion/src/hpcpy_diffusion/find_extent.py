"""Find the part of the field that a rank holds, with halos of any depth. No MPI."""

from hpcpy_core.decomposition import Decomposition
from hpcpy_diffusion.field_pair import Extent

__all__ = ["find_extent"]


def find_extent(decomposition: Decomposition, rank: int, depth: int) -> Extent:
    """Return the extent of a rank's block, with a halo on each side where the field goes on.

    Parameters
    ----------
    decomposition
        Of two axes, with a boundary of width 1.
    depth
        Layers of a halo: at most as many as the smallest block has that sends them.
        From 1 on, the padded block is ``decomposition.padded(rank, depth)``.
    """
    interior = decomposition.interior(rank)
    rows, columns = interior.shape
    # Ranks without cells are the last ones: nobody comes after the last cell, or needs them.
    vertical, horizontal = (
        (depth if interior.size and a > 1 else 0, depth if interior.size and b < n - 1 else 0)
        for a, b, n in zip(interior.start, interior.stop, decomposition.shape, strict=True)
    )
    return Extent(inner=(rows, columns), halo=(vertical, horizontal))
