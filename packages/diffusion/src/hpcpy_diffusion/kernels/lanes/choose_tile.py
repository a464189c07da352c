"""Choose how many steps a pass takes and how many rows are swept at once."""

import functools
from pathlib import Path

from hpcpy_core.sizes import parse_count
from hpcpy_diffusion.kernels.lanes.layout import LaneLayout
from hpcpy_diffusion.kernels.lanes.vectors import VECTOR_BYTES

__all__ = ["choose_tile", "read_cache_size"]

CACHES = Path("/sys/devices/system/cpu/cpu0/cache")
USUAL = 2**20
"""Bytes of a core's second cache, where Linux does not tell."""

BLOCK = 8
"""Rows swept at once: a block of fewer reads more rows besides its own, 4 for each; one of
more does not stay in the first cache until the next step reads it."""

FEWEST, MOST = 32, 64
"""Steps of a pass. With fewer, memory would set the pace; where the second cache is too small for
so many, the third is near. More gain nothing, and each is one more row of memory."""


def choose_tile(layout: LaneLayout, team: int = 1) -> tuple[int, int]:
    """Return the steps of a pass, and the rows of a block. Local.

    All rows in use, two for each step, should stay in the second cache. A team shares the
    steps of a pass.
    """
    row = max(1, layout.vectors) * VECTOR_BYTES
    steps = (read_cache_size() // row - BLOCK) // 2
    return max(min(MOST, FEWEST * team), min(MOST, steps)), BLOCK


@functools.cache
def read_cache_size(caches: Path = CACHES) -> int:
    """Return the bytes of a core's second cache. Local."""
    for cache in sorted(caches.glob("index*")):
        try:
            if int((cache / "level").read_text()) == 2:
                return parse_count((cache / "size").read_text().strip())
        except (OSError, ValueError):
            return USUAL
    return USUAL
