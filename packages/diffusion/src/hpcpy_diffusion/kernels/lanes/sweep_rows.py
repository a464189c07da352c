"""One time step of some rows in the lane-split layout, in the place of the rows before them.

The new row i is written over the old row i - 1, which no other row needs any more: one array
is enough, half as much goes through the caches, and what is written is in the cache
already. After a step all rows are one place further up. The row above the first has to be
there, and the row below the last: zeros at a boundary.

Four rows are computed at once: each of their vectors is then loaded once and not
three times.
"""

from typing import Any

from numba import njit

from hpcpy_diffusion.kernels.lanes.vectors import (
    add,
    fused_multiply_add,
    lane_after,
    lane_before,
    load,
    multiply,
    store,
    store_zero,
)

__all__ = ["sweep_rows"]

Pointer = Any
Vector = Any
Weights = tuple[Vector, Vector, Vector, bool]
"""1 - 4 r, r and 1 in all lanes, and whether the first of them is needed, not being 0."""


@njit
def _update(
    north: Vector, south: Vector, west: Vector, east: Vector, here: Vector, weights: Weights
) -> Vector:
    """Return the new vector: see `hpcpy_diffusion.kernels` for the order of operations.

    A sum is written as (north + south) 1 + (west + east), which is the same to the last
    bit: processors that add and that multiply in different units have both at work then.
    """
    centre, weight, one, has_centre = weights
    around = fused_multiply_add(add(north, south), one, add(west, east))
    if has_centre:
        return add(multiply(centre, here), multiply(weight, around))
    return multiply(weight, around)


@njit
def _sweep_row(u: Pointer, row: int, stride: int, vectors: int, weights: Weights) -> None:
    above, below = row - stride, row + stride
    here = load(u, row)
    west, end = lane_before(load(u, row + vectors - 1)), lane_after(here)
    for k in range(vectors - 1):
        east = load(u, row + k + 1)
        store(
            u, above + k, _update(load(u, above + k), load(u, below + k), west, east, here, weights)
        )
        west, here = here, east
    k = vectors - 1
    store(u, above + k, _update(load(u, above + k), load(u, below + k), west, end, here, weights))


@njit
def _sweep_four_rows(u: Pointer, row: int, stride: int, vectors: int, weights: Weights) -> None:
    above, row1, row2, row3, below = (
        row - stride,
        row + stride,
        row + 2 * stride,
        row + 3 * stride,
        row + 4 * stride,
    )
    last = vectors - 1
    x0, x1, x2, x3 = load(u, row), load(u, row1), load(u, row2), load(u, row3)
    w0, w1 = lane_before(load(u, row + last)), lane_before(load(u, row1 + last))
    w2, w3 = lane_before(load(u, row2 + last)), lane_before(load(u, row3 + last))
    # The ends of rows are read here, before the first vectors are written over.
    end0, end1, end2, end3 = lane_after(x0), lane_after(x1), lane_after(x2), lane_after(x3)
    for k in range(last):
        n, s = load(u, above + k), load(u, below + k)
        e0, e1 = load(u, row + k + 1), load(u, row1 + k + 1)
        e2, e3 = load(u, row2 + k + 1), load(u, row3 + k + 1)
        store(u, above + k, _update(n, x1, w0, e0, x0, weights))
        store(u, row + k, _update(x0, x2, w1, e1, x1, weights))
        store(u, row1 + k, _update(x1, x3, w2, e2, x2, weights))
        store(u, row2 + k, _update(x2, s, w3, e3, x3, weights))
        w0, w1, w2, w3 = x0, x1, x2, x3
        x0, x1, x2, x3 = e0, e1, e2, e3
    n, s = load(u, above + last), load(u, below + last)
    store(u, above + last, _update(n, x1, w0, end0, x0, weights))
    store(u, row + last, _update(x0, x2, w1, end1, x1, weights))
    store(u, row1 + last, _update(x1, x3, w2, end2, x2, weights))
    store(u, row2 + last, _update(x2, s, w3, end3, x3, weights))


@njit
def sweep_rows(
    u: Pointer,
    rows: tuple[int, int],
    stride: int,
    vectors: int,
    dead: tuple[int, int],
    weights: Weights,
) -> None:
    """Advance rows by one step, each to one place before. Local; for compiled code.

    Parameters
    ----------
    u
        Points to row 0.
    rows
        The first, and the one after the last: places in the array.
    stride
        Vectors from a row to the next; below 0 where the rows are counted from the last on.
    vectors, dead
        Of `LaneLayout`.
    weights
        See `Weights`.
    """
    first, stop = rows
    i = first
    while i + 4 <= stop:
        _sweep_four_rows(u, i * stride, stride, vectors, weights)
        i += 4
    while i < stop:
        _sweep_row(u, i * stride, stride, vectors, weights)
        i += 1
    if dead[0] >= 0:
        for above in range(first - 1, stop - 1):
            store_zero(u, above * stride + dead[0], dead[1])
