"""How a region is cut into tiles, one for each warp. Pure integers, no CuPy.

A warp stores a tile: as many columns as it has room for, and the rows of a strip. To do so it
reads `TilePlan.levels` rows above and below, too, so the strips should be high; but there should
be many of them, too: a GPU that has begun its last tiles is not full any more.
"""

import functools
from dataclasses import dataclass

from hpcpy_diffusion.kernels.gpu.sweep import PITCH, Region

__all__ = ["WARP", "TilePlan", "plan_once", "plan_tiles"]

WARP = 32
"""Lanes, which are threads that run together."""
PACK = 16
"""Bytes that a lane reads or writes at once."""
SCHEDULERS = 4
"""Of a multiprocessor; arithmetic is done as fast by one warp on each as by more."""
RESIDENT = 32
"""Warps that sweep_once.cu has on a multiprocessor, as it is compiled: they wait for memory."""
ROUNDS = 32
"""At most so many strips for what runs at the same time."""


@dataclass(frozen=True, kw_only=True)
class TilePlan:
    """What each warp of a launch computes; see `plan_once` and `plan_tiles`.

    Attributes
    ----------
    region
        What is computed.
    levels
        Time steps, so also rows and columns around a tile that its items depend on.
    column
        The first that the first tile stores, were it in the region: a multiple of what
        memory moves at once.
    stored, margin
        Columns that a tile stores, and those that a warp reads on either side of them.
    height
        Rows of a strip; the last may have fewer.
    strips
        One above the other.
    blocks, warps
        Of a strip, and of a block: the tiles side by side. The last ones may have nothing
        to store.
    """

    region: Region
    levels: int
    column: int
    stored: int
    margin: int
    height: int
    strips: int
    blocks: int
    warps: int

    @property
    def grid(self) -> tuple[int]:
        """Blocks of the launch."""
        return (self.strips * self.blocks,)

    @property
    def block(self) -> tuple[int]:
        """Threads of a block."""
        return (self.warps * WARP,)

    def rows(self, strip: int) -> tuple[int, int]:
        """Return the rows that a strip stores, half-open."""
        first = self.region.first[0] + strip * self.height
        return first, min(first + self.height, self.region.last[0])

    def columns(self, tile: int) -> tuple[int, int]:
        """Return the columns that a tile stores, half-open, if the region does not cut it."""
        first = self.column + tile * self.stored
        return first, first + self.stored


@functools.lru_cache
def plan_once(region: Region, itemsize: int, multiprocessors: int) -> TilePlan:
    """Return the plan of sweep_once.cu: a warp has 32 packs, and needs no margin. Local.

    Parameters
    ----------
    region
        Not empty.
    itemsize
        Bytes of an item.
    multiprocessors
        Of the device.
    """
    stored = WARP * PACK // itemsize
    at_once = RESIDENT * multiprocessors
    return _plan(region, 1, PITCH // itemsize, stored, 0, at_once, most_warps=8)


@functools.lru_cache
def plan_tiles(region: Region, itemsize: int, levels: int, multiprocessors: int) -> TilePlan:
    """Return the plan of sweep_tiles.cu: a warp has 64 packs, less two margins. Local.

    Parameters
    ----------
    region, itemsize, multiprocessors
        As for `plan_once`.
    levels
        Time steps of the pass.
    """
    items = 2 * PACK // itemsize
    margin = -(-levels // items) * items
    stored = WARP * items - 2 * margin
    at_once = SCHEDULERS * multiprocessors
    return _plan(region, levels, items, stored, margin, at_once, most_warps=4)


def _plan(
    region: Region,
    levels: int,
    aligned: int,
    stored: int,
    margin: int,
    at_once: int,
    most_warps: int,
) -> TilePlan:
    """Choose strips and blocks; `at_once` is how many warps keep the GPU busy."""
    column = region.first[1] // aligned * aligned
    tiles = -(-(region.last[1] - column) // stored)
    blocks = -(-tiles // most_warps)
    height = _choose_height(region.last[0] - region.first[0], tiles, at_once, levels)
    return TilePlan(
        region=region,
        levels=levels,
        column=column,
        stored=stored,
        margin=margin,
        height=height,
        strips=-(-(region.last[0] - region.first[0]) // height),
        blocks=blocks,
        warps=-(-tiles // blocks),
    )


def _choose_height(rows: int, tiles: int, at_once: int, levels: int) -> int:
    """Return the height of strips that takes least time, by a model that was not measured.

    Tiles are done in rounds of `at_once`; each takes as long as its rows, with those above and
    below, are high. A quarter of a round is added for the end, where not all work.
    """

    def cost(height: int) -> int:
        rounds = -(-tiles * -(-rows // height) // at_once)
        return (4 * rounds + 1) * (height + 2 * levels)

    strips = (min(rows, max(1, rounds * at_once // tiles)) for rounds in range(1, ROUNDS + 1))
    return min((-(-rows // n) for n in strips), key=cost)
