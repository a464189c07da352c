import click
import pytest

from hpcpy_collectives.options import Ops, Ranks, Sizes


def convert(kind, text):
    return kind.convert(text, None, None)


def test_values():
    assert convert(Ops(), "latency, bw") == ("latency", "bw")
    assert convert(Ops(), "all") is None
    assert convert(Sizes(), "1:4") == (1, 2, 4)
    assert convert(Ranks(), "2:10") == (2, 4, 8, 10)
    assert convert(Ranks(), "6") == (6,)


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        (Ops(), "latency,foo", "unknown operation 'foo': choose from latency, bw"),
        (Ops(), "", "unknown operation ''"),
        (Sizes(), "4M:1", "write the smaller size first"),
        (Sizes(), "many", "is not a positive number"),
        (Ranks(), "1:8", "is not a rising range of 2 ranks or more"),
        (Ranks(), "8:2", "is not a rising range of 2 ranks or more"),
        (Ranks(), "2:", "is not a positive number"),
    ],
)
def test_refused(kind, text, words):
    with pytest.raises(click.BadParameter) as caught:
        convert(kind, text)
    assert words in caught.value.message
