from fractions import Fraction

import numpy as np
import pytest

from hpcpy_core.errors import InputError
from hpcpy_core.numbers import as_integer, as_integers, as_real


@pytest.mark.parametrize("value", [3, np.int64(3), np.uint8(3), np.array(3), np.array(3, ">i4")])
def test_whole_numbers_become_pythons_own(value):
    number = as_integer(value, "n")
    assert number == 3
    assert type(number) is int


@pytest.mark.parametrize(
    "value",
    [True, np.True_, np.array(True), 3.0, np.float64(3), "3", None, [3], np.array([3]), {}],
    ids=repr,
)
def test_what_is_no_whole_number_is_refused_by_name(value):
    with pytest.raises(InputError, match=r"^steps = .*: must be a whole number") as refused:
        as_integer(value, "steps")
    assert isinstance(refused.value, TypeError)
    assert refused.value.exit_code == 2


@pytest.mark.parametrize(
    "value",
    [0.5, np.float32(0.5), np.float16(0.5), np.longdouble(0.5), np.array(0.5), Fraction(1, 2)],
)
def test_reals_become_pythons_own(value):
    number = as_real(value, "x")
    assert number == 0.5
    assert type(number) is float


@pytest.mark.parametrize("value", [2, np.int8(2), np.array(2)])
def test_a_whole_number_is_a_real_one(value):
    assert as_real(value, "x") == 2.0
    assert type(as_real(value, "x")) is float


@pytest.mark.parametrize(
    "value", [True, np.False_, "0.5", None, 1j, np.complex64(1), [0.5], np.array([0.5])], ids=repr
)
def test_what_is_no_number_is_refused_by_name(value):
    with pytest.raises(InputError, match=r"^dx = .*: must be a number"):
        as_real(value, "dx")


def test_an_integer_of_5000_digits_is_refused_in_one_short_line():
    huge = 10**5000
    with pytest.raises(InputError, match="beyond the range of a float") as refused:
        as_real(huge, "dx")
    assert len(str(refused.value)) < 200
    assert as_integer(huge, "n") == huge
    with pytest.raises(InputError, match="must be a whole number"):
        as_integer([huge], "n")


@pytest.mark.parametrize(
    "values",
    [
        (8, 4),
        [8, 4],
        np.array([8, 4]),
        (np.int64(8), np.uint8(4)),
        [np.array(8), 4],
        range(8, 3, -4),
    ],
)
def test_lists_of_whole_numbers_become_tuples(values):
    numbers = as_integers(values, "shape")
    assert numbers == (8, 4)
    assert all(type(number) is int for number in numbers)


@pytest.mark.parametrize("value", [8, np.int32(8), np.array(8)])
def test_a_lone_number_is_a_tuple_of_one(value):
    assert as_integers(value, "shape") == (8,)


@pytest.mark.parametrize("values", ["84", b"84", (8, 4.0), (True, 4), np.ones((2, 2), int), None])
def test_what_is_no_list_of_whole_numbers_is_refused(values):
    with pytest.raises(InputError, match=r"^shape = "):
        as_integers(values, "shape")
