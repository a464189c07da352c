import pytest

from hpcpy_core.errors import InputError
from hpcpy_doctor.command import Options
from hpcpy_doctor.plan import make_plan


@pytest.fixture
def checks(make_check):
    return (
        make_check("one", "process"),
        make_check("two", "job"),
        make_check("three", "active", seconds=1),
    )


@pytest.mark.parametrize(
    ("options", "names", "with_launch"),
    [
        ({}, ["one", "two", "three"], True),
        ({"only": ("two",)}, ["two"], False),
        ({"only": ("two", "this_launch")}, ["two"], True),
        ({"only": ("two", "one"), "skip": ("one",)}, ["two"], False),
        ({"skip": ("this_launch", "two")}, ["one", "three"], False),
        ({"passive": True}, ["one", "two"], False),
    ],
)
def test_what_is_chosen(checks, options, names, with_launch):
    plan = make_plan(Options(**options), checks, ())
    assert [check.name for check in plan.checks] == names
    assert plan.with_launch == with_launch
    assert [check.name for check in plan.of("active", "job")] == [
        name for name in names if name != "one"
    ]


@pytest.mark.parametrize("option", ["only", "skip"])
def test_an_unknown_name_is_refused_with_the_list(checks, option):
    with pytest.raises(
        InputError,
        match=f"--{option} weather: no such check; there are one, two, three, this_launch",
    ):
        make_plan(Options(**{option: ("one", "weather")}), checks, ())
