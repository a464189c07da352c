"""Many time steps in one pass over the rows, as a wave: the field goes through the cache once.

A block of rows is advanced by one step; then the block one row further up, whose
neighbours are there by now, by the next step, and so on for T steps; then the
next block comes. With blocks of 4 rows and T = 3::

    row       0  1  2  3  4  5  6  7  8  9 10 11
    step 1    a  a  a  a  d  d  d  d  g  g  g  g
    step 2    b  b  b  e  e  e  e  h  h  h  h  i      a, b, c, d ... is the order
    step 3    c  c  f  f  f  f ...

Only some 2 T + 4 rows are in use at a time. Since `sweep_rows` moves every row up
by one place, the field lies T places further up after the pass, and the next pass goes the
other way, from the last row to the first, and moves it back.

Several threads share a pass: each takes some of the T steps, and follows the one
before it through the rows, at least a block behind.
Source: Wellein et al., Efficient temporal blocking for stencil computations by
multicore-aware wavefront parallelization, COMPSAC 2009.
"""

import numpy as np
from numba import njit

from hpcpy_core.files.numba_cache import cached_njit
from hpcpy_diffusion.kernels.lanes.layout import Lanes
from hpcpy_diffusion.kernels.lanes.progress import Counters, tell, wait_for
from hpcpy_diffusion.kernels.lanes.sweep_rows import Pointer, Vector, sweep_rows
from hpcpy_diffusion.kernels.lanes.vectors import pointer_to, spread, store

__all__ = ["march_rows"]

Numbers = tuple[np.floating, np.floating, np.floating, np.floating]
"""1 - 4 r, r, 1 and 0, of the field's type."""


@njit
def _clear_row(u: Pointer, row: int, vectors: int, zero: Vector) -> None:
    for k in range(vectors):
        store(u, row + k, zero)


@cached_njit(nogil=True)
def march_rows(
    lanes: Lanes,
    top: int,
    rows: int,
    inexact: tuple[int, int],
    steps: int,
    tile: tuple[int, int],
    row: tuple[int, tuple[int, int]],
    numbers: Numbers,
    counters: Counters,
    team: tuple[int, int],
    before: int,
) -> tuple[int, int]:
    """Take time steps. Local, or by all of a team at once.

    Parameters
    ----------
    lanes
        Shape (T + 2 + rows, ...), with T of `tile`: zeros except for the rows of the field.
    top
        How many of the T free places are above the field.
    rows
        Of the field.
    inexact
        For both ends, 1 if the rows there are a neighbour's, so that one more of
        them is not advanced at every step; 0 at a boundary.
    tile
        T, and the rows of a block.
    row
        Vectors of a row, and vector and lane of its first dead cell, as `LaneLayout` has them.
    counters
        The team's.
    team
        Which one this is, and how many there are.
    before
        What the counters were at when the team was done last.

    Returns
    -------
    int, int
        The new `top`, and where the counters are.
    """
    most, block = tile
    vectors, dead = row
    me, size = team
    weights = (spread(numbers[0]), spread(numbers[1]), spread(numbers[2]), numbers[0] != 0)
    zero = spread(numbers[3])
    done = 0
    while done < steps:
        up = top >= most - top
        now = min(top if up else most - top, steps - done)
        # Rows are counted in the direction of the pass; the field's first one is row 0.
        first = 1 + top if up else top + rows
        stride = lanes.shape[1] if up else -lanes.shape[1]
        start, end = inexact if up else (inexact[1], inexact[0])
        u = pointer_to(lanes, first * lanes.shape[1] * lanes.shape[2])
        from_level, to_level = now * me // size, now * (me + 1) // size
        if me == 0:
            wait_for(counters, size - 1, before)
        for lead in range(0, rows + now - 1, block):
            before += 1
            if me > 0:
                wait_for(counters, me - 1, before)
            for level in range(from_level, to_level):
                i = max(start * (level + 1), lead - level)
                stop = min(rows - end * (level + 1), lead - level + block)
                if i < stop:
                    # At this level, row i is in place i - level.
                    sweep_rows(u, (i - level, stop - level), stride, vectors, dead, weights)
                    if stop == rows:  # the place of the last row is the new boundary
                        _clear_row(u, (rows - level - 1) * stride, vectors, zero)
            tell(counters, me, before)
        top += -now if up else now
        done += now
    wait_for(counters, size - 1, before)
    return top, before
