"""The steps of frames, beside the list that they stand for."""

import pytest

from hpcpy_diffusion import Parameters
from hpcpy_diffusion.frame_steps import FrameSteps


def listed(count, outtime, dt, last):
    due = (min(round(k * outtime / dt), last) for k in range(count))
    return tuple(dict.fromkeys(due))


@pytest.mark.parametrize("outtime", [1.0, 1.1, 1.49, 1.5, 2.5, 3.3, 7.0, 1e9])
@pytest.mark.parametrize("last", [0, 1, 2, 7, 70, 71])
def test_they_are_those_of_the_list(outtime, last):
    count = int((last + 0.9) / outtime) + 1
    frames, expected = FrameSteps(count, outtime, 1.0, last), listed(count, outtime, 1.0, last)
    assert tuple(frames) == expected
    assert frames == expected
    assert len(frames) == len(expected)
    assert frames[-1] == expected[-1]
    assert frames[1:3] == expected[1:3]
    for step in range(-1, last + 2):
        assert frames.after(step) == next((each for each in expected if each > step), None)
        assert frames.count_until(step) == sum(each < step for each in expected)
        assert (step in frames) == (step in expected)


def test_there_may_be_none():
    frames = FrameSteps(0, 0.0, 1.0, 9)
    assert frames == ()
    assert frames.after(3) is None
    assert 0 not in frames


def test_a_thousand_million_million_cost_nothing():
    parameters = Parameters(dx=1.0, runtime=2e14, outtime=0.25)
    frames = parameters.frame_steps
    assert len(frames) == parameters.steps + 1 > 8 * 10**14
    assert frames.after(10**14) == 10**14 + 1
    assert frames.count_until(10**14) == 10**14
    assert frames[-1] == parameters.steps
