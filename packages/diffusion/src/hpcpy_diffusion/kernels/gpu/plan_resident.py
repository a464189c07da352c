"""Share the items of a block out among multiprocessors that keep them. Pure integers, no CuPy.

A tile is as wide as a warp's line and as high as the rows of `WARPS` warps, and a multiprocessor
keeps one: see march_resident.cu, whose sizes these are. As few rows a warp as possible are
chosen, so that a small grid has all multiprocessors at work.
"""

from dataclasses import dataclass

__all__ = [
    "MOST_HELD",
    "MOST_HELD_IF_WHOLE",
    "WARPS",
    "ResidentPlan",
    "find_largest",
    "plan_resident",
]

WARPS = 8
"""In a block: 255 registers for each of its threads are all that a multiprocessor has."""
LANES = 32
PART = 32
"""Bytes of a row in a lane."""
MOST_HELD = 10
"""Rows of a warp in registers: with more, NVRTC 13 keeps some in memory; ci/compile_kernels.py."""
MOST_HELD_IF_WHOLE = 16
"""The same, if no tile reaches beyond the inner items, so that all items change."""


@dataclass(frozen=True, kw_only=True)
class ResidentPlan:
    """How the inner items are shared out.

    Attributes
    ----------
    across, down
        Blocks.
    held, kept
        Rows of a warp in registers and in shared memory, between its first and its last.
    whole
        Whether no tile reaches beyond the inner items.
    itemsize
        Bytes of an item.
    """

    across: int
    down: int
    held: int
    kept: int
    whole: bool
    itemsize: int

    @property
    def line(self) -> int:
        """Columns of a tile."""
        return LANES * PART // self.itemsize

    @property
    def rows(self) -> int:
        """Rows of a warp."""
        return 2 + self.kept + self.held

    @property
    def height(self) -> int:
        """Rows of a tile."""
        return WARPS * self.rows

    @property
    def blocks(self) -> int:
        """All of them, each with a multiprocessor of its own."""
        return self.across * self.down

    @property
    def shared_bytes(self) -> int:
        """Shared memory of a block: lines, and what lies at the ends of rows."""
        return shared_bytes(self.rows, self.kept, self.itemsize)

    @property
    def words(self) -> int:
        """32-bit words of device memory through which the items at edges travel."""
        posts = 2 * self.line + 2 * self.height
        return self.blocks * 2 * posts * (self.itemsize // 4) * 2


def shared_bytes(rows: int, kept: int, itemsize: int) -> int:
    """Return how much shared memory a block needs."""
    edges = 2 * (2 * WARPS + 2)
    return (edges + WARPS * kept) * LANES * PART + 2 * 2 * WARPS * rows * itemsize


def plan_resident(
    shape: tuple[int, int], itemsize: int, multiprocessors: int, shared: int
) -> ResidentPlan | None:
    """Return how to share padded blocks of a shape out, or None if they do not fit. Local.

    Parameters
    ----------
    shape
        Of the padded block, with at least one inner item.
    itemsize
        Bytes of an item: 4 or 8.
    multiprocessors
        Of the device.
    shared
        Bytes of shared memory that a block may have.
    """
    rows, columns = shape[0] - 2, shape[1] - 2
    line = LANES * PART // itemsize
    across = -(-columns // line)
    if across > multiprocessors:
        return None
    each = max(2, -(-rows // (multiprocessors // across * WARPS)))
    down = -(-rows // (each * WARPS))
    whole = columns % line == 0 and rows == down * each * WARPS
    split = _split_rows(each, MOST_HELD_IF_WHOLE if whole else MOST_HELD, itemsize, shared)
    if split is None:
        return None
    held, kept = split
    return ResidentPlan(
        across=across, down=down, held=held, kept=kept, whole=whole, itemsize=itemsize
    )


def _split_rows(rows: int, most: int, itemsize: int, shared: int) -> tuple[int, int] | None:
    """Return how many of a warp's rows registers and shared memory hold, but its first and last.

    Three quarters are in registers, which are faster: what registers hold is computed last, and
    the ends of the other rows travel meanwhile.
    """
    held = min(most, rows - 2, -(-3 * rows // 4))
    kept = rows - 2 - held
    return (held, kept) if shared_bytes(rows, kept, itemsize) <= shared else None


def find_largest(itemsize: int, multiprocessors: int, shared: int) -> int:
    """Return the points a side of the largest square grid that fits, the rim not counted. Local."""
    line = LANES * PART // itemsize
    rows = 2
    while _split_rows(rows + 1, MOST_HELD, itemsize, shared):
        rows += 1
    return max(
        min(across * line, multiprocessors // across * WARPS * rows)
        for across in range(1, multiprocessors + 1)
    )
