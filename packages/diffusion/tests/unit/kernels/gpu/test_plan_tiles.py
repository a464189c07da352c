"""The tiling alone, without any kernel: each item of a region is stored once, and is right.

`run_tiles` does with NumPy what the warps do, at the indices that a plan gives them: it knows of
a tile only what its warp has read, and that is NaN where it is out of date.
"""

from collections.abc import Callable

import numpy as np
import pytest

from hpcpy_diffusion.kernels.gpu.plan_tiles import TilePlan, plan_once, plan_tiles
from hpcpy_diffusion.kernels.gpu.sweep import Region

R = 0.21
SHAPES = ((3, 3), (3, 300), (300, 3), (4, 5), (17, 129), (40, 131), (67, 259))


def run_tiles(plan: TilePlan, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the field after the plan's steps, and how often each item was stored."""
    out, stored = np.full_like(u, np.nan), np.zeros(u.shape, int)
    for strip in range(plan.strips):
        for tile in range(plan.blocks * plan.warps):
            _run_tile(plan, u, plan.rows(strip), plan.columns(tile), out, stored)
    return out, stored


def _run_tile(
    plan: TilePlan,
    u: np.ndarray,
    rows: tuple[int, int],
    columns: tuple[int, int],
    out: np.ndarray,
    stored: np.ndarray,
) -> None:
    margin = plan.margin or 1  # without one, the first and the last lane read an item more
    y = np.arange(rows[0] - plan.levels, rows[1] + plan.levels)
    x = np.arange(columns[0] - margin, columns[1] + margin)
    near = (x >= plan.region.first[1] - plan.levels) & (x < plan.region.last[1] + plan.levels)
    there = np.ix_((y >= 0) & (y < u.shape[0]), (x >= 0) & (x < u.shape[1]) & near)
    part = np.full((y.size, x.size), np.nan)
    part[there] = u[np.ix_(y[there[0].ravel()], x[there[1].ravel()])]
    rim = np.isin(y, (0, u.shape[0] - 1))[:, None] | np.isin(x, (0, u.shape[1] - 1))
    for _ in range(plan.levels):
        after = np.full_like(part, np.nan)
        after[1:-1, 1:-1] = (1 - 4 * R) * part[1:-1, 1:-1] + R * (
            (part[:-2, 1:-1] + part[2:, 1:-1]) + (part[1:-1, :-2] + part[1:-1, 2:])
        )
        part = np.where(rim, part, after)
    left = max(columns[0], plan.region.first[1])
    right = max(left, min(columns[1], plan.region.last[1]))
    first = left - x[0]
    out[slice(*rows), left:right] = part[
        plan.levels : y.size - plan.levels, first : first + right - left
    ]
    stored[slice(*rows), left:right] += 1


def compare(plan: TilePlan, shape: tuple[int, int], march: Callable[..., np.ndarray]) -> None:
    u = np.random.default_rng(shape).standard_normal(shape)
    out, stored = run_tiles(plan, u)
    inside = tuple(map(slice, plan.region.first, plan.region.last))
    expected = np.zeros(shape, int)
    expected[inside] = 1
    np.testing.assert_array_equal(stored, expected)
    np.testing.assert_array_equal(out[inside], march(u, R, plan.levels)[inside])


def whole(shape: tuple[int, int]) -> Region:
    return Region(first=(1, 1), last=(shape[0] - 1, shape[1] - 1))


@pytest.mark.parametrize("multiprocessors", [1, 4])
@pytest.mark.parametrize("levels", range(1, 11))
@pytest.mark.parametrize("shape", SHAPES)
def test_tiles_overlap_as_they_must(
    shape: tuple[int, int], levels: int, multiprocessors: int, march: Callable[..., np.ndarray]
) -> None:
    compare(plan_tiles(whole(shape), 8, levels, multiprocessors), shape, march)


@pytest.mark.parametrize("itemsize", [4, 8])
@pytest.mark.parametrize("shape", SHAPES)
def test_tiles_of_one_step_need_no_margin(
    shape: tuple[int, int], itemsize: int, march: Callable[..., np.ndarray]
) -> None:
    compare(plan_once(whole(shape), itemsize, 1), shape, march)


@pytest.mark.parametrize("itemsize", [4, 8])
@pytest.mark.parametrize(
    "region",
    [
        Region(first=(1, 1), last=(2, 299)),
        Region(first=(1, 1), last=(59, 2)),
        Region(first=(58, 298), last=(59, 299)),
        Region(first=(7, 111), last=(40, 239)),
        Region(first=(7, 112), last=(40, 240)),
    ],
)
def test_regions_are_cut_out(
    region: Region, itemsize: int, march: Callable[..., np.ndarray]
) -> None:
    compare(plan_tiles(region, itemsize, 5, 1), (60, 300), march)
    compare(plan_once(region, itemsize, 1), (60, 300), march)


@pytest.mark.parametrize("levels", range(1, 11))
@pytest.mark.parametrize("itemsize", [4, 8])
def test_what_is_stored_and_read_is_aligned(itemsize: int, levels: int) -> None:
    plan = plan_tiles(Region(first=(3, 41), last=(99, 4001)), itemsize, levels, 8)
    assert plan.margin >= plan.levels == levels
    for bytes_ in (plan.column * itemsize, plan.stored * itemsize, plan.margin * itemsize):
        assert bytes_ % 32 == 0
    assert (plan.stored + 2 * plan.margin) * itemsize == 1024
    once = plan_once(plan.region, itemsize, 8)
    assert once.column * itemsize % 128 == 0
    assert once.stored * itemsize == 512


def test_a_large_grid_fills_a_large_gpu_several_times() -> None:
    region = Region(first=(1, 1), last=(16385, 16385))
    for plan, at_once in (
        (plan_once(region, 8, 132), 132 * 32),
        (plan_tiles(region, 8, 8, 132), 528),
    ):
        tiles = plan.strips * plan.blocks * plan.warps
        assert tiles >= 4 * at_once
        assert plan.height >= 16 * 2 * plan.levels  # what is computed twice is a small part


def test_a_small_grid_is_spread_over_all_multiprocessors() -> None:
    plan = plan_tiles(Region(first=(1, 1), last=(1025, 1025)), 8, 8, 132)
    assert plan.strips * plan.blocks * plan.warps >= 500
    assert plan.height >= 2 * plan.levels / 2  # though not at any price


def test_a_block_has_no_more_warps_than_there_are_tiles() -> None:
    column = plan_once(Region(first=(1, 1), last=(1000, 2)), 8, 132)
    assert (column.blocks, column.warps, column.block) == (1, 1, (32,))
    row = plan_once(Region(first=(1, 1), last=(2, 2050)), 8, 132)
    assert (row.strips, row.height, row.blocks, row.warps) == (1, 1, 5, 7)  # 33 tiles, not 5 x 8
    assert row.grid == (5,)
