import click
import pytest

from hpcpy_spawn_pi.options import Count


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("17", 17),
        (" 1_000_000 ", 10**6),
        ("1e6", 10**6),
        ("25E+2", 2500),
        ("10^15", 10**15),
        ("10**3", 1000),
        ("9007199254740993", 2**53 + 1),
        ("123456789012345678901e0", 123456789012345678901),
        ("-1", -1),
        (5, 5),
    ],
)
def test_a_whole_number_is_taken_exactly_however_it_is_written(text, number):
    assert Count().convert(text, None, None) == number


@pytest.mark.parametrize("text", ["", "1.5e6", "1e-3", "ten", "2^10", "1e999", "0x10", "inf"])
def test_anything_else_is_refused(text):
    with pytest.raises(click.BadParameter, match="is not a whole number like 1000000, 1e6"):
        Count().convert(text, None, None)


@pytest.mark.parametrize("text", ["7" * 5000, "7" * 61, "1e" + "0" * 100])
def test_a_number_that_is_far_too_long_is_not_repeated_in_full(text):
    with pytest.raises(click.BadParameter, match=r"\.\.\.' is longer than any") as caught:
        Count().convert(text, None, None)
    assert len(str(caught.value)) < 150
