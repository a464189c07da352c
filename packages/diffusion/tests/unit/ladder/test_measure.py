import pytest

from hpcpy_core.timing import Timing
from hpcpy_diffusion.ladder import measure
from hpcpy_diffusion.ladder.measure import (
    Measured,
    choose_steps,
    excess_of_first_call,
    measure_ladder,
)


class Case:
    """So many seconds a step, and some more for each call; it keeps what it was asked for."""

    def __init__(self, a_step, a_call=0.0):
        self.a_step, self.a_call, self.asked = a_step, a_call, []

    def __call__(self, steps):
        self.asked.append(steps)
        return self.a_call + self.a_step * steps


@pytest.mark.parametrize(
    ("a_step", "steps"),
    [
        (1.0, 1),  # a step alone takes too long
        (0.01, 30),  # as many as fit into 0.3 s
        (0.0003001, 1000),  # nearly all fit, so all
        (1e-6, 1000),
        (0.0, 1000),  # below the clock's resolution
    ],
)
def test_as_many_steps_are_taken_as_fit(a_step, steps):
    assert choose_steps(Case(a_step), most=1000, seconds=0.3) == steps


def test_a_cost_of_each_call_does_not_spoil_the_choice():
    """With 0.06 s a call, one step would look like 0.061 s, and only five would seem to fit."""
    case = Case(0.001, a_call=0.06)
    assert choose_steps(case, most=10**6, seconds=0.3) > 100
    assert max(case.asked) < 300  # a trial takes no longer than what it is for


def test_cases_are_timed_in_turn_with_the_same_steps_each_time():
    order = []
    slow, fast = Case(0.1), Case(0.001)

    def noted(name, case):
        def call(steps):
            order.append((name, steps))
            return case(steps)

        return call

    cases = {"slow": noted("slow", slow), "fast": noted("fast", fast)}
    measured = measure_ladder(cases, most=50, seconds=0.2, repeats=5)
    assert order[-10:] == [("slow", 2), ("fast", 50)] * 5
    assert measured["slow"].timing == Timing(seconds=(0.2,) * 5)
    assert measured["fast"].steps == 50


def test_some_cases_may_take_longer():
    cases = {"hasty": Case(0.1, a_call=0.5), "patient": Case(0.1, a_call=0.5)}
    measured = measure_ladder(cases, most=20, seconds=1.0, repeats=5, patient=["patient"])
    assert measured["hasty"].steps < 5
    assert measured["patient"].steps == 20


def test_warm_up_is_what_the_first_call_took_longer(monkeypatch):
    clock = iter([0.0, 5.0, 10.0, 11.0])
    monkeypatch.setattr(measure, "perf_counter", lambda: next(clock))
    case = Case(0.0)
    assert excess_of_first_call(case) == 4.0
    assert case.asked == [1, 1]


def test_earlier_warm_up_is_added(monkeypatch):
    monkeypatch.setattr(measure, "excess_of_first_call", lambda case: 1.0)
    cases = {"a": Case(1.0), "b": Case(1.0)}
    measured = measure_ladder(cases, most=1, seconds=1, repeats=5, warm_up={"a": 0.5})
    assert measured["a"].warm_up == 1.5
    assert measured["b"].warm_up == 1.0


def test_speed_is_per_cell_and_step():
    measured = Measured(steps=10, timing=Timing(seconds=(1.0, 2.0, 3.0, 4.0, 5.0)), warm_up=0.0)
    assert measured.speed(cells=6 * 10**8) == pytest.approx((2.0, 1.5, 3.0))
