import numpy as np
import pytest

from hpcpy_core.errors import InputError
from hpcpy_mpiio.benchmark.layouts import LAYOUTS, make_layout

GRIDS = {1: (1, 1), 2: (2, 1), 3: (3, 1), 4: (2, 2), 6: (3, 2)}


def make(name, items, ranks, segments=4):
    return make_layout(name, 8 * items, segments, GRIDS[ranks], ranks)


@pytest.mark.parametrize("ranks", GRIDS)
@pytest.mark.parametrize("name", LAYOUTS)
def test_every_item_of_the_file_has_one_place(name, ranks):
    layout = make(name, 24, ranks)
    assert layout.nbytes == 24 * 8 * ranks
    offsets = [layout.offset(rank, item) for rank in range(ranks) for item in range(24)]
    assert sorted(offsets) == list(range(0, layout.nbytes, 8))


@pytest.mark.parametrize(
    ("name", "owners"),
    [
        ("contiguous", [0] * 4 + [1] * 4 + [2] * 4 + [3] * 4),
        ("rows", [0] * 4 + [1] * 4 + [2] * 4 + [3] * 4),
        ("columns", [0, 0, 1, 1, 2, 2, 3, 3] * 2),
        ("blocks", [0, 0, 1, 1] * 2 + [2, 2, 3, 3] * 2),
        ("strided", [0, 1, 2, 3] * 4),
    ],
)
def test_whose_items_follow_each_other(name, owners):
    layout = make(name, 4, 4)
    found = np.full(16, -1)
    for rank in range(4):
        for item in range(4):
            found[layout.offset(rank, item) // 8] = rank
    assert found.tolist() == owners


@pytest.mark.parametrize(
    ("name", "ranks", "items"),
    [
        ("contiguous", 2, 24),
        ("rows", 2, 24),
        ("columns", 2, 4),
        ("columns", 1, 24),
        ("blocks", 4, 4),
        ("strided", 2, 6),
    ],
)
def test_how_much_of_one_rank_is_in_a_run(name, ranks, items):
    assert make(name, 24, ranks).run_bytes == 8 * items


@pytest.mark.parametrize(("items", "shape"), [(1, (1, 1)), (7, (7, 1)), (12, (4, 3)), (64, (8, 8))])
def test_blocks_are_as_square_as_can_be(items, shape):
    assert make("columns", items, 2).decomposition.owned(1).shape == shape


def test_bytes_that_are_no_items_are_refused():
    with pytest.raises(InputError, match="--size 12 is not a multiple of 8"):
        make_layout("rows", 12, 1, (1, 1), 1)


def test_segments_that_do_not_divide_are_refused_for_strided_only():
    with pytest.raises(InputError, match="cannot be cut into 5 segments"):
        make("strided", 24, 2, segments=5)
    assert make("rows", 24, 2, segments=5).nbytes == 384


def test_an_axis_that_mpi_cannot_count_is_refused():
    with pytest.raises(InputError, match=r"--layout strided .* more --segments"):
        make("strided", 2**30, 2, segments=1)
    assert make("strided", 2**30, 2, segments=2).decomposition.shape == (2, 2**30)
    assert make("contiguous", 2**30, 4).nbytes == 2**35
