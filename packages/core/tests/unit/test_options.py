from pathlib import Path

import click
import pytest

from hpcpy_core.options import Bytes, Picture


def test_values():
    assert Bytes().convert("64m", None, None) == 64 << 20
    assert Picture().convert("out/A.PNG", None, None) == Path("out/A.PNG")


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        (Bytes(), "many", "'many' is not a positive number like 8, 1K or 4M"),
        (Picture(), "a.gif", "a.gif: a picture's name ends in .pdf, .png, .svg"),
    ],
)
def test_refused(kind, text, words):
    with pytest.raises(click.BadParameter) as caught:
        kind.convert(text, None, None)
    assert caught.value.message == words
