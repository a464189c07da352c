import click
import pytest

from hpcpy_mpiio.benchmark.options import Hint


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Hint(), "cb_nodes=2", ("cb_nodes", "2")),
        (Hint(), "list=a=1,b", ("list", "a=1,b")),
    ],
)
def test_values(kind, text, value):
    assert kind.convert(text, None, None) == value


@pytest.mark.parametrize(
    ("kind", "text", "message"),
    [
        (Hint(), "cb_nodes", "is not a hint such as"),
        (Hint(), "=2", "is not a hint such as"),
        (Hint(), "cb_nodes=", "is not a hint such as"),
    ],
)
def test_what_is_refused(kind, text, message):
    with pytest.raises(click.BadParameter, match=message):
        kind.convert(text, None, None)
