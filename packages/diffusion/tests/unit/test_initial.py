import math

import numpy as np
import pytest

from hpcpy_core.decomposition import Block, Decomposition
from hpcpy_diffusion.initial import INITIAL_CONDITIONS, initial_density
from hpcpy_diffusion.parameters import Parameters


def interior(parameters):
    return Block(start=(1, 1), stop=(parameters.points + 1,) * 2)


def test_four_peaks_are_the_notes_formula():
    parameters = Parameters(x1=-3.0, x2=5.0, dx=0.4)
    n, x1, x2 = parameters.points, -3.0, 5.0
    density = initial_density(parameters, interior(parameters))

    def a(i):
        s = x1 + (i - 1) * (x2 - x1) / n
        return 1 - abs(1 - 4 * abs((s - (x1 + x2) / 2) / (x2 - x1)))

    for i in range(1, n + 1):
        for j in range(1, n + 1):
            assert density[i - 1, j - 1] == pytest.approx(a(i) * a(j), abs=1e-15)


def test_four_peaks_are_four():
    parameters = Parameters(dx=20 / 160)
    density = initial_density(parameters, interior(parameters))
    assert (density == 1.0).sum() == 4
    assert density.max() == 1.0


def test_a_mode_is_one_half_wave():
    parameters = Parameters(dx=20 / 17, initial="mode")
    density = initial_density(parameters, interior(parameters))
    assert density[4, 9] == pytest.approx(
        math.sin(math.pi * 5 / 18) * math.sin(math.pi * 10 / 18), rel=1e-15
    )


def test_a_point_is_one_at_the_centre():
    parameters = Parameters(dx=20 / 17, initial="point")
    density = initial_density(parameters, interior(parameters))
    assert density.sum() == density[8, 8] == 1.0


@pytest.mark.parametrize("initial", INITIAL_CONDITIONS)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_blocks_are_cut_from_the_whole_bit_for_bit(initial, dtype):
    parameters = Parameters(dx=20 / 37, initial=initial, dtype=dtype)
    whole = interior(parameters)
    density = initial_density(parameters, whole)
    assert density.dtype == dtype
    decomposition = Decomposition(shape=parameters.shape, dims=(3, 5), boundary=1)
    for rank in range(decomposition.ranks):
        block = decomposition.interior(rank)
        assert np.array_equal(initial_density(parameters, block), density[block.within(whole)])
