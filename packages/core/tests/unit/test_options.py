from pathlib import Path

import click
import pytest

from hpcpy_core.options import Bytes, Names, Picture, times

LETTERS = Names("letter", ("alpha", "beta", "gamma"))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("gamma, alpha", ("alpha", "gamma")),
        ("beta,beta", ("beta",)),
        ("all", ("alpha", "beta", "gamma")),
    ],
)
def test_names_come_once_and_in_the_order_of_the_list(text, names):
    assert LETTERS.convert(text, None, None) == names


def test_values():
    assert Bytes().convert("64m", None, None) == 64 << 20
    assert Picture().convert("out/A.PNG", None, None) == Path("out/A.PNG")


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        (
            LETTERS,
            "alpha,gama",
            "unknown letter 'gama': did you mean gamma? Choose from all, alpha, beta, gamma",
        ),
        (LETTERS, "", "unknown letter '': Choose from all, alpha, beta, gamma"),
        (Bytes(), "many", "'many' is not a positive number like 8, 1K or 4M"),
        (times(), "1000000000", "1000000000 is not in the range 1<=x<=1000000."),
        (times(5), "4", "4 is not in the range 5<=x<=1000000."),
        (Picture(), "a.gif", "a.gif: a picture's name ends in .pdf, .png, .svg"),
    ],
)
def test_refused(kind, text, words):
    with pytest.raises(click.BadParameter) as caught:
        kind.convert(text, None, None)
    assert caught.value.message == words
