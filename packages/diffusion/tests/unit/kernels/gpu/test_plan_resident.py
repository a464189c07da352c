"""How items are shared out, alone and followed through a model of the kernel: no CuPy."""

import runpy
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hpcpy_diffusion.kernels.gpu.plan_resident import (
    MOST_HELD,
    MOST_HELD_IF_WHOLE,
    WARPS,
    find_largest,
    plan_resident,
    shared_bytes,
)

ResidentModel = runpy.run_path(str(Path(__file__).with_name("resident_model.py")))["ResidentModel"]
H100, A100 = (132, 232448), (108, 166912)
R = 0.21


@pytest.mark.parametrize("gpu", [H100, A100, (1, 49152), (7, 101376)])
@pytest.mark.parametrize("itemsize", [4, 8])
def test_a_plan_fits_the_gpu_and_all_items_are_someones(
    itemsize: int, gpu: tuple[int, int]
) -> None:
    rng = np.random.default_rng(itemsize)
    planned = 0
    sizes = 2500 ** rng.random((500, 2))
    for rows, columns in [*map(tuple, sizes.astype(int)), (1, 1), (1, 9000), (9000, 1)]:
        plan = plan_resident((rows + 2, columns + 2), itemsize, *gpu)
        if plan is None:
            continue
        planned += 1
        assert plan.blocks <= gpu[0]
        assert plan.shared_bytes <= gpu[1]
        assert 0 <= plan.held <= (MOST_HELD_IF_WHOLE if plan.whole else MOST_HELD)
        assert plan.kept >= 0
        assert plan.rows == 2 + plan.kept + plan.held
        for there, needed, tile in (
            (plan.across, columns, plan.line),
            (plan.down, rows, plan.height),
        ):
            assert (there - 1) * tile < needed <= there * tile
        filled = (plan.down * plan.height, plan.across * plan.line)
        assert plan.whole == (filled == (rows, columns))
        fewer = WARPS * (plan.rows - 1) * (gpu[0] // plan.across)
        assert plan.rows == 2 or fewer < rows, "fewer rows a warp would do"
    assert planned > 10


def test_what_is_to_be_fast_is_whole_and_takes_nearly_all_of_a_gpu() -> None:
    plan = plan_resident((2050, 2050), 8, *H100)
    assert plan is not None
    assert (plan.across, plan.down, plan.height, plan.line) == (16, 8, 256, 128)
    assert (plan.whole, plan.held, plan.kept) == (True, 16, 14)
    plan = plan_resident((2050, 2050), 4, *H100)
    assert plan is not None
    assert (plan.blocks, plan.height, plan.line, plan.whole) == (128, 128, 256, True)


@pytest.mark.parametrize("gpu", [H100, A100, (4, 232448)])
@pytest.mark.parametrize("itemsize", [4, 8])
def test_all_squares_up_to_the_largest_fit_and_no_larger_one_unless_it_is_whole(
    itemsize: int, gpu: tuple[int, int]
) -> None:
    largest = find_largest(itemsize, *gpu)
    assert largest > 200
    for points in range(1, largest + 400):
        plan = plan_resident((points + 2, points + 2), itemsize, *gpu)
        assert (plan is not None and not plan.whole) == (points <= largest) or (
            plan is not None and plan.whole
        )


def test_shared_memory_is_counted_line_by_line() -> None:
    edges, kept, ends = 2 * (2 + 2 * WARPS), 5 * WARPS, 2 * 2 * WARPS * 20
    assert shared_bytes(20, 5, 8) == (edges + kept) * 1024 + ends * 8


@pytest.mark.parametrize(
    ("shape", "multiprocessors"),
    [
        ((3, 3), 1),
        ((5, 300), 4),
        ((18, 130), 1),  # whole
        ((40, 131), 2),  # a rim at the first column of a tile
        ((34, 258), 4),
        ((99, 270), 12),
        ((145, 200), 2),
        ((130, 258), 2),  # whole, with rows of all kinds
        ((300, 40), 1),
    ],
)
def test_the_model_has_the_bits_of_single_steps(
    shape: tuple[int, int], multiprocessors: int, march: Callable[..., np.ndarray]
) -> None:
    plan = plan_resident(shape, 8, multiprocessors, 330000)
    assert plan is not None
    rng = np.random.default_rng(shape)
    model = ResidentModel(plan, shape)
    u = rng.standard_normal(shape)
    for steps in (1, 2, 3, 7):
        out, expected = model.launch(u, R, steps, rng), march(u, R, steps)
        np.testing.assert_array_equal(out[1:-1, 1:-1], expected[1:-1, 1:-1])
        inner = np.zeros(shape, bool)
        inner[1:-1, 1:-1] = True
        np.testing.assert_array_equal(np.isfinite(out), inner)
        u = expected
