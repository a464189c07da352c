from collections.abc import Callable

import numpy as np
import pytest

from hpcpy_core.errors import InputError
from hpcpy_diffusion.kernels.gpu.cupy_resident import make_sweep
from hpcpy_diffusion.kernels.gpu.plan_resident import find_largest, plan_resident
from hpcpy_diffusion.kernels.gpu.sweep import PITCH, Region
from hpcpy_testing.emulated_cupy import EmulatedCupy, guarded
from hpcpy_testing.emulated_cupy.device import ATTRIBUTES

Check = Callable[..., None]
DTYPES = [np.float64, np.float32]
SHAPES = [(3, 3), (3, 600), (120, 3), (18, 130), (19, 131), (40, 300), (67, 259), (34, 514)]


@pytest.fixture
def multiprocessors(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Give the emulated GPU so many."""
    return lambda count: monkeypatch.setitem(ATTRIBUTES, "MultiProcessorCount", count)


def test_it_says_what_it_can(cupy: EmulatedCupy) -> None:
    sweep = make_sweep((34, 258), np.dtype(np.float64))
    assert sweep.name == "cupy-resident, 4 tiles of 16 x 128"
    assert sweep.most > 10**9
    assert (sweep.regional, sweep.recordable) == (False, False)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_blocks_may_have_any_shape(
    shape: tuple[int, int], dtype: type, check: Check, multiprocessors: Callable[[int], None]
) -> None:
    multiprocessors(9)
    sweep = make_sweep(shape, np.dtype(dtype))
    for steps in (1, 2, 3, 7):
        check(sweep, shape, steps, dtype=dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("rows", "held", "kept"),
    [(8 * 5, 3, 0), (8 * 13, 10, 1), (8 * 23, 16, 5), (8 * 5 - 3, 3, 0), (8 * 16 - 1, 10, 4)],
)
def test_a_warp_may_have_rows_in_registers_and_in_shared_memory(
    rows: int,
    held: int,
    kept: int,
    dtype: type,
    check: Check,
    multiprocessors: Callable[[int], None],
) -> None:
    """Two blocks side by side; the first three numbers of rows fill them, so all items change."""
    multiprocessors(2)
    shape = (rows + 2, (256 if dtype is np.float64 else 512) + 2)
    plan = plan_resident(shape, np.dtype(dtype).itemsize, 2, 232448)
    assert plan is not None
    assert (plan.held, plan.kept, plan.whole) == (held, kept, rows % 8 == 0)
    sweep = make_sweep(shape, np.dtype(dtype))
    for steps in (2, 3):
        check(sweep, shape, steps, dtype=dtype)


@pytest.mark.parametrize("dtype", DTYPES)
def test_launches_follow_each_other(
    dtype: type,
    cupy: EmulatedCupy,
    march: Callable[..., np.ndarray],
    multiprocessors: Callable[[int], None],
) -> None:
    """What an earlier launch has left in memory is never taken for what is to come."""
    multiprocessors(12)
    shape = (100, 270)
    pitch = -(-shape[1] * np.dtype(dtype).itemsize // PITCH) * PITCH
    start = np.random.default_rng(3).standard_normal(shape).astype(dtype)
    u, out = (guarded(shape, dtype, pitch=pitch) for _ in range(2))
    u.set(start)
    out.set(start)
    sweep = make_sweep(shape, np.dtype(dtype))
    counts = (2, 5, 1, 4, 40)
    for steps in counts:
        sweep(u, out, 0.21, Region(first=(1, 1), last=(99, 269)), steps)
        u, out = out, u
    cupy.cuda.get_current_stream().synchronize()
    np.testing.assert_array_equal(u.get(), march(start, 0.21, sum(counts)))


def test_rows_may_lie_further_apart_in_one_array(check: Check) -> None:
    check(make_sweep((20, 177), np.dtype(np.float64)), (20, 177), 4, gap=384)


def test_what_is_not_finite_stays_where_it_belongs(
    cupy: EmulatedCupy, march: Callable[..., np.ndarray]
) -> None:
    """Items beyond the rim are computed along with the others, and come to nobody."""
    shape = (21, 140)
    start = np.random.default_rng(5).standard_normal(shape)
    start[9, 70], start[0, 3], start[20, 100], start[4, 139] = np.inf, np.nan, np.inf, -0.0
    u, out = guarded(shape, pitch=1152), guarded(shape, pitch=1152)
    u.set(start)
    out.set(start)
    sweep = make_sweep(shape, start.dtype)
    sweep(u, out, 0.21, Region(first=(1, 1), last=(20, 139)), 3)
    cupy.cuda.get_current_stream().synchronize()
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(out.get(), march(start, 0.21, 3))


@pytest.mark.parametrize("dtype", DTYPES)
def test_what_does_not_fit_is_refused_with_what_does(dtype: type, cupy: EmulatedCupy) -> None:
    shared = ATTRIBUTES["MaxSharedMemoryPerBlockOptin"]
    largest = find_largest(np.dtype(dtype).itemsize, ATTRIBUTES["MultiProcessorCount"], shared)
    points = largest + 1
    with pytest.raises(InputError, match=rf"{points} x {points} points of .* up to {largest} x"):
        make_sweep((points + 2, points + 2), np.dtype(dtype))
    with pytest.raises(InputError, match="--kernel cupy-tiled"):
        make_sweep((10, 10**6), np.dtype(dtype))
