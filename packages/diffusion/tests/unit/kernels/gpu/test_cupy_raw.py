from collections.abc import Callable

import numpy as np
import pytest

from hpcpy_diffusion.kernels.gpu.cupy_raw import make_sweep
from hpcpy_diffusion.kernels.gpu.sweep import Region
from hpcpy_testing.emulated_cupy import EmulatedCupy

Check = Callable[..., None]
DTYPES = [np.float64, np.float32]


def test_it_says_what_it_can(cupy: EmulatedCupy) -> None:
    sweep = make_sweep((5, 5), np.dtype(np.float64))
    assert (sweep.name, sweep.most, sweep.regional, sweep.recordable) == ("cupy-raw", 1, True, True)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    "shape", [(3, 3), (3, 301), (300, 3), (4, 6), (9, 34), (35, 65), (66, 130), (150, 300)]
)
def test_a_step_has_the_bits_of_the_cpu(shape: tuple[int, int], dtype: type, check: Check) -> None:
    check(make_sweep(shape, np.dtype(dtype)), shape, 1, dtype=dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("first", "last"),
    [
        ((1, 1), (2, 299)),  # rows and columns of the rim
        ((58, 1), (59, 299)),
        ((1, 1), (59, 2)),
        ((1, 298), (59, 299)),
        ((1, 1), (2, 2)),  # corners
        ((58, 298), (59, 299)),
        ((2, 2), (58, 298)),  # what is left
        ((9, 63), (40, 66)),  # packs, sectors, tiles cut
        ((9, 64), (10, 128)),
        ((9, 127), (22, 193)),
    ],
)
def test_nothing_but_a_region_is_written(
    first: tuple[int, int], last: tuple[int, int], dtype: type, check: Check
) -> None:
    sweep = make_sweep((60, 300), np.dtype(dtype))
    check(sweep, (60, 300), 1, dtype=dtype, region=Region(first=first, last=last))


def test_rows_may_lie_further_apart_in_one_array(check: Check) -> None:
    check(make_sweep((20, 77), np.dtype(np.float64)), (20, 77), 1, gap=384)
