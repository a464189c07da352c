from collections.abc import Callable

import numpy as np
import pytest

from hpcpy_core.errors import InputError
from hpcpy_diffusion.kernels.gpu.cupy_tiled import list_levels, make_sweep
from hpcpy_diffusion.kernels.gpu.sweep import Region
from hpcpy_testing.emulated_cupy import EmulatedCupy, guarded

Check = Callable[..., None]
MOST = {np.float64: 10, np.float32: 8}
SHAPES = [(3, 3), (3, 300), (120, 3), (5, 7), (12, 113), (35, 121), (67, 258), (150, 300)]


def test_it_says_what_it_can(cupy: EmulatedCupy) -> None:
    sweep = make_sweep((5, 5), np.dtype(np.float64), 4)
    assert sweep.name == "cupy-tiled, 4 steps a pass"
    assert (sweep.most, sweep.regional, sweep.recordable) == (4, True, True)
    assert make_sweep((5, 5), np.dtype(np.float32)).most == 8


@pytest.mark.parametrize("dtype", MOST)
def test_all_numbers_of_steps_have_the_bits_of_the_cpu(dtype: type, check: Check) -> None:
    sweep = make_sweep((40, 390), np.dtype(dtype), MOST[dtype])
    assert sweep.most == max(list_levels(np.dtype(dtype)))
    for steps in range(1, sweep.most + 1):
        check(sweep, (40, 390), steps, dtype=dtype)


@pytest.mark.parametrize("steps", [3, 8])
@pytest.mark.parametrize("dtype", MOST)
@pytest.mark.parametrize("shape", SHAPES)
def test_blocks_may_have_any_shape(
    shape: tuple[int, int], dtype: type, steps: int, check: Check
) -> None:
    check(make_sweep(shape, np.dtype(dtype), 8), shape, steps, dtype=dtype)


@pytest.mark.parametrize("dtype", MOST)
@pytest.mark.parametrize(
    ("first", "last"),
    [
        ((1, 1), (2, 299)),  # rows and columns of the rim
        ((8, 1), (9, 299)),
        ((9, 1), (10, 299)),
        ((58, 1), (59, 299)),
        ((1, 1), (59, 2)),
        ((1, 298), (59, 299)),
        ((1, 1), (2, 2)),  # corners
        ((58, 298), (59, 299)),
        ((9, 9), (51, 291)),  # what is left
        ((9, 63), (40, 66)),  # packs, sectors, tiles cut
        ((12, 111), (30, 225)),
        ((12, 112), (13, 224)),
    ],
)
def test_nothing_but_a_region_is_written(
    first: tuple[int, int], last: tuple[int, int], dtype: type, check: Check
) -> None:
    sweep = make_sweep((60, 300), np.dtype(dtype), 8)
    check(sweep, (60, 300), 8, dtype=dtype, region=Region(first=first, last=last))


@pytest.mark.parametrize("dtype", MOST)
def test_tiles_that_see_no_rim(
    dtype: type, check: Check, cupy: EmulatedCupy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They have a loop of their own: a block of four tiles, and rows on all sides of it."""
    monkeypatch.setitem(cupy.cuda.Device().attributes, "MultiProcessorCount", 40)
    shape = (90, 1540 if dtype is np.float64 else 3090)
    check(make_sweep(shape, np.dtype(dtype), 8), shape, 8, dtype=dtype)


@pytest.mark.parametrize("dtype", MOST)
@pytest.mark.parametrize(
    ("left", "right"),
    [(112, 140), (112, 108), (111, 144), (111, 116), (112, 141), (112, 109), (4, 248), (248, 4)],
)
@pytest.mark.parametrize("top", [7, 8])
def test_regions_far_from_the_rim_are_cut_as_well(
    top: int, left: int, right: int, dtype: type, check: Check
) -> None:
    """Whether a block sees the rim, or is cut, is a matter of single rows and columns."""
    region = Region(first=(top, left), last=(60 - top, 700 - right))
    check(make_sweep((60, 700), np.dtype(dtype), 8), (60, 700), 8, dtype=dtype, region=region)


def test_rows_may_lie_further_apart_in_one_array(check: Check) -> None:
    check(make_sweep((20, 77), np.dtype(np.float64)), (20, 77), 8, gap=384)


@pytest.mark.parametrize("steps", [1, 4, 8])
def test_items_further_from_a_region_than_steps_do_not_matter(
    steps: int, cupy: EmulatedCupy, march: Callable[..., np.ndarray]
) -> None:
    region = Region(first=(20, 100), last=(24, 300))
    known = (slice(20 - steps, 24 + steps), slice(100 - steps, 300 + steps))
    start = np.full((60, 400), np.nan)
    start[known] = np.random.default_rng(steps).standard_normal(start[known].shape)
    u, out = guarded(start.shape, pitch=3200), guarded(start.shape, pitch=3200)
    u.set(start)
    make_sweep(start.shape, start.dtype)(u, out, 0.21, region, steps)
    cupy.cuda.get_current_stream().synchronize()
    expected = march(start, 0.21, steps)[20:24, 100:300]
    assert np.isfinite(expected).all()
    np.testing.assert_array_equal(out.get()[20:24, 100:300], expected)


def test_other_numbers_of_steps_are_refused(cupy: EmulatedCupy) -> None:
    with pytest.raises(InputError, match=r"no pass of 7 steps for float64: .* 4, 6, 8, 10"):
        make_sweep((5, 5), np.dtype(np.float64), 7)
