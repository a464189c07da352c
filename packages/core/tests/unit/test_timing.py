import numpy as np
import pytest

from hpcpy_core.timing import Timing


def test_median_and_quartiles():
    timing = Timing(seconds=(5.0, 1.0, 2.0, 4.0, 3.0))
    assert timing.median == 3.0
    assert timing.minimum == 1.0
    assert timing.quartiles == (2.0, 4.0)
    assert timing.as_dict()["repeats"] == 5


def test_one_repeat_is_its_own_quartiles():
    assert Timing(seconds=(2.0,)).quartiles == (2.0, 2.0)


def test_quartiles_interpolate():
    assert Timing(seconds=(1.0, 2.0, 3.0, 4.0)).quartiles == pytest.approx((1.75, 3.25))


def test_lists_and_numpys_numbers_are_taken():
    timing = Timing(seconds=[np.float32(0.5), np.array(1.5), 1])
    assert timing.seconds == (0.5, 1.5, 1.0)
    assert {type(value) for value in timing.seconds} == {float}
