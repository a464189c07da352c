import math

import pytest

from hpcpy_core.errors import InputError
from hpcpy_diffusion.parameters import Parameters


def test_the_notes_case():
    parameters = Parameters(dx=0.0667, runtime=15.0, outtime=0.5)
    assert parameters.points == 299
    assert parameters.shape == (301, 301)
    assert parameters.spacing == 20 / 299
    assert parameters.dt == 0.25 * (20 / 299) ** 2
    assert parameters.steps == 13410
    assert len(parameters.frame_steps) == 31
    assert parameters.frame_steps[0] == 0
    assert parameters.frame_steps[8] == round(4 / parameters.dt)
    assert parameters.frame_steps[-1] == 13410


@pytest.mark.parametrize(("dx", "points"), [(0.1, 200), (0.3, 66), (20 / 3, 3), (1.0, 20)])
def test_decimal_widths_that_divide_the_side_are_kept(dx, points):
    parameters = Parameters(dx=dx)
    assert parameters.points == points
    assert parameters.spacing >= dx * (1 - 1e-12)


def test_no_frames_without_outtime():
    assert Parameters().frame_steps == ()


def test_frames_close_together_are_not_written_twice():
    parameters = Parameters(dx=1.0, runtime=2.0)
    dense = Parameters(dx=1.0, runtime=2.0, outtime=parameters.dt)
    assert dense.frame_steps == tuple(range(parameters.steps + 1))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"D": 0.0}, "D = 0.0: must be above 0"),
        ({"D": -1.0}, "D = -1.0: must be above 0"),
        ({"D": math.nan}, "D = nan: must be a finite number"),
        ({"x2": math.inf}, "x2 = inf: must be a finite number"),
        ({"x2": -10.0}, "x2 = -10.0: must be above x1 = -10"),
        ({"dx": 0.0}, "dx = 0.0: must be above 0"),
        ({"dx": 10.0}, "grid of 2 interior points a side, too small"),
        ({"dx": 5e-324}, "too large"),
        ({"runtime": -1.0}, "runtime = -1.0: must not be negative"),
        ({"runtime": 1e300}, "runtime = 1e+300: needs more than 1e+15 time steps"),
        ({"outtime": -1.0}, "outtime = -1.0: must not be negative"),
        ({"outtime": 1e-9}, "outtime = 1e-09: is shorter than a time step"),
        ({"fourier": 0.0}, "fourier = 0.0: must be above 0"),
        ({"fourier": 0.26}, "fourier = 0.26: is unstable"),
        ({"fourier": 0.26}, "D dt/dx^2 <= 0.25"),
        ({"dtype": "float16"}, "dtype = float16: is not float64 or float32"),
    ],
)
def test_values_out_of_range_are_named(changes, words):
    with pytest.raises(InputError) as refused:
        Parameters(**changes)
    assert words in str(refused.value)


def test_as_dict_holds_what_was_chosen_and_what_follows():
    values = Parameters(dx=1.0).as_dict()
    assert values["dx"] == 1.0
    assert values["points"] == 20
    assert values["steps"] == Parameters(dx=1.0).steps
