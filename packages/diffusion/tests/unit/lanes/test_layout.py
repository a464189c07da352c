"""The lane-split layout against reshaping with NumPy."""

import numpy as np
import pytest

from hpcpy_diffusion.kernels.lanes import layout as module
from hpcpy_diffusion.kernels.lanes.layout import LaneLayout, from_lanes, to_lanes
from hpcpy_diffusion.kernels.lanes.vectors import VECTOR_BYTES

COLUMNS = [1, 7, 8, 9, 63, 64, 65, 299]


def make_layout(columns, dtype="float64"):
    return LaneLayout(columns=columns, dtype=np.dtype(dtype))


def test_the_picture_in_the_docstring(monkeypatch):
    monkeypatch.setattr(module, "VECTOR_BYTES", 32)
    layout = make_layout(14)
    places = [layout.place(column) for column in range(14)]
    assert (layout.lanes, layout.vectors) == (4, 4)
    assert places[:6] == [(0, 0), (1, 0), (2, 0), (3, 0), (0, 1), (1, 1)]
    assert layout.dead == (2, 3)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("columns", COLUMNS)
def test_rows_go_into_the_layout_and_back(columns, dtype):
    layout = make_layout(columns, dtype)
    plain = np.random.default_rng(1).random((5, columns)).astype(dtype)
    lanes = layout.zeros(5)[:, : layout.vectors]
    to_lanes(plain, lanes)
    padded = np.zeros((5, layout.vectors * layout.lanes), dtype)
    padded[:, :columns] = plain
    assert np.array_equal(lanes, padded.reshape(5, layout.lanes, -1).swapaxes(1, 2))
    for column in range(columns):
        assert np.array_equal(lanes[:, *layout.place(column)], plain[:, column])
    again = np.full((7, columns + 2), -1, dtype)
    from_lanes(lanes, again[1:-1, 1:-1])
    assert np.array_equal(again[1:-1, 1:-1], plain)
    assert (again[0] == -1).all()
    assert (again[:, -1] == -1).all()


@pytest.mark.parametrize("columns", COLUMNS)
def test_the_first_dead_cell_is_east_of_the_last_one(columns):
    layout = make_layout(columns)
    if columns % layout.lanes == 0:
        assert layout.dead == (-1, -1)
    else:
        vector, lane = layout.dead
        assert lane * layout.vectors + vector == columns


@pytest.mark.parametrize("columns", [*COLUMNS, 2048, 4096, 4099, 8192, 16384])
def test_rows_in_flight_lie_apart_in_a_page(columns):
    layout = make_layout(columns)
    assert 0 <= layout.stride - layout.vectors <= layout.vectors // 8 + 2
    if columns >= 512:
        apart = [layout.stride * VECTOR_BYTES * rows % 4096 for rows in range(1, 7)]
        assert min(min(distance, 4096 - distance) for distance in apart) >= 256


def test_memory_begins_on_a_page():
    assert all(make_layout(columns).zeros(3).ctypes.data % 4096 == 0 for columns in COLUMNS)
