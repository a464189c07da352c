"""Which items of a rank's padded block are computed when: pure integers. No MPI.

With a halo of T layers, T time steps need no news from the neighbours. Inside, T layers away
from every halo, they need not even the halo, and can be taken while it is on its way; the
*rim* between the two is computed when it has come.
"""

from collections.abc import Iterator

from hpcpy_diffusion.field_pair import Extent
from hpcpy_diffusion.kernels.gpu.sweep import Region

__all__ = ["find_inside", "find_rims", "grow", "split_steps"]


def grow(extent: Extent, layers: int) -> Region:
    """Return a rank's inner items, and so many layers of each halo around them. Local.

    Parameters
    ----------
    extent
        The rank's part of the field.
    layers
        Time steps that will be taken after this one before news come: fewer than the halo is
        deep. Less than 0 takes layers away, on those sides that have a halo.
    """
    first, last = [], []
    for length, (before, after) in zip(extent.inner, extent.halo, strict=True):
        begin = max(1, before)
        first.append(begin - layers if before else begin)
        last.append(begin + length + (layers if after else 0))
    return Region(first=(first[0], first[1]), last=(last[0], last[1]))


def find_inside(extent: Extent, steps: int) -> Region:
    """Return the items that do not need the halo for so many steps; it may be empty. Local."""
    return grow(extent, -steps)


def find_rims(extent: Extent, steps: int) -> Iterator[Region]:
    """Yield the rest of the inner items: up to four rectangles, none of them empty. Local."""
    inner, inside = grow(extent, 0), find_inside(extent, steps)
    (top, left), (bottom, right) = inner.first, inner.last
    if not inside.size:
        if inner.size:
            yield inner
        return
    (north, west), (south, east) = inside.first, inside.last
    for first, last in (
        ((top, left), (north, right)),
        ((south, left), (bottom, right)),
        ((north, left), (south, west)),
        ((north, east), (south, right)),
    ):
        rim = Region(first=first, last=last)
        if rim.size:
            yield rim


def split_steps(steps: int, most: int) -> list[int]:
    """Return the steps of each sweep: as many as one can take, and then powers of two. Local.

    A kernel is compiled for each number of steps that it takes at once: so there are few.
    """
    whole, rest = divmod(steps, most)
    powers = [1 << bit for bit in reversed(range(rest.bit_length())) if rest >> bit & 1]
    return [most] * whole + powers
