"""One step of some rows, against the kernel ``numpy``."""

import numpy as np
import pytest
from numba import njit

from hpcpy_diffusion.kernels.lanes.layout import LaneLayout, from_lanes, to_lanes
from hpcpy_diffusion.kernels.lanes.sweep_rows import sweep_rows
from hpcpy_diffusion.kernels.lanes.vectors import pointer_to, spread
from hpcpy_diffusion.kernels.numpy_slices import step


@njit
def sweep(lanes, rows, backwards, row, numbers):
    vectors, dead = row
    stride = lanes.shape[1]
    first = (lanes.shape[0] - 1) * stride if backwards else 0
    weights = (spread(numbers[0]), spread(numbers[1]), spread(1.0), numbers[0] != 0)
    u = pointer_to(lanes, first * lanes.shape[2])
    sweep_rows(u, rows, -stride if backwards else stride, vectors, dead, weights)


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("r", [0.25, 0.1])
@pytest.mark.parametrize("rows", [1, 3, 4, 9])
@pytest.mark.parametrize("columns", [1, 7, 16, 35])
def test_rows_take_a_step_and_move_by_a_place(rows, columns, r, backwards):
    layout = LaneLayout(columns=columns, dtype=np.dtype("float64"))
    plain = np.zeros((rows + 4, columns + 2))
    plain[1:-1, 1:-1] = np.random.default_rng(3).random((rows + 2, columns))
    lanes = layout.zeros(rows + 2)  # the rows to be swept, and the one on each side of them
    to_lanes(plain[1:-1, 1:-1], lanes[:, : layout.vectors])
    row = (layout.vectors, layout.dead)
    sweep(lanes, (1, 1 + rows), backwards, row, (1 - 4 * r, r))
    expected = plain.copy()
    step(plain, expected, r)
    found = np.zeros((rows, columns))
    from_lanes(lanes[slice(2, None) if backwards else slice(rows), : layout.vectors], found)
    assert np.array_equal(found, expected[2:-2, 1:-1])


def test_the_first_dead_cell_stays_zero():
    layout = LaneLayout(columns=9, dtype=np.dtype("float64"))
    lanes = layout.zeros(7)
    to_lanes(np.ones((7, 9)), lanes[:, : layout.vectors])
    sweep(lanes, (1, 6), False, (layout.vectors, layout.dead), (0.0, 0.25))
    vector, lane = layout.dead
    assert not lanes[:, vector, lane].any()
