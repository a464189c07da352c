"""Choose how many steps a pass takes and how many rows are swept at once, by cache sizes."""

import functools
from pathlib import Path

from hpcpy_core.sizes import parse_count
from hpcpy_diffusion.kernels.lanes.layout import LaneLayout
from hpcpy_diffusion.kernels.lanes.vectors import VECTOR_BYTES

__all__ = ["choose_tile", "read_cache_sizes"]

CACHES = Path("/sys/devices/system/cpu/cpu0/cache")
USUAL = (32 * 2**10, 2**20)
"""Bytes of a core's first and second cache, where Linux does not tell."""

BLOCKS = (12, 8, 4)
BETWEEN_BLOCKS = 3
"""Rows that a step reads or writes besides those of its block."""

FEWEST, MOST = 32, 64
"""Steps of a pass. With fewer, memory would set the pace; where the second cache is too small for
so many, the third is near. More gain nothing, and each is one more row of memory."""


def choose_tile(layout: LaneLayout, team: int = 1) -> tuple[int, int]:
    """Return the steps of a pass, and the rows of a block. Local.

    A block's rows are read again by the next step, so they should be in the first cache
    still; all rows in use, two for each step, in the second. A team shares the steps.
    """
    first, second = read_cache_sizes()
    row = max(1, layout.vectors) * VECTOR_BYTES
    block = next((rows for rows in BLOCKS if (rows + BETWEEN_BLOCKS) * row <= first), BLOCKS[-1])
    steps = (second // row - block) // 2
    return max(min(MOST, FEWEST * team), min(MOST, steps)), block


@functools.cache
def read_cache_sizes(caches: Path = CACHES) -> tuple[int, int]:
    """Return the bytes of a core's first and second data cache. Local."""
    sizes = {}
    for cache in sorted(caches.glob("index*")):
        try:
            if (cache / "type").read_text().strip() != "Instruction":
                level = int((cache / "level").read_text())
                sizes[level] = parse_count((cache / "size").read_text().strip())
        except (OSError, ValueError):
            return USUAL
    return sizes.get(1, USUAL[0]), sizes.get(2, USUAL[1])
