import click
import pytest

from hpcpy_mpiio.benchmark.options import Hint, Names

LETTERS = Names("letter", ("a", "b", "c"))


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (LETTERS, "c, a", ("a", "c")),
        (LETTERS, "b,b", ("b",)),
        (LETTERS, "all", ("a", "b", "c")),
        (Hint(), "cb_nodes=2", ("cb_nodes", "2")),
        (Hint(), "list=a=1,b", ("list", "a=1,b")),
    ],
)
def test_values(kind, text, value):
    assert kind.convert(text, None, None) == value


@pytest.mark.parametrize(
    ("kind", "text", "message"),
    [
        (LETTERS, "a,d", "unknown letter 'd': choose from a, b, c, or all"),
        (LETTERS, "", "unknown letter ''"),
        (Hint(), "cb_nodes", "is not a hint such as"),
        (Hint(), "=2", "is not a hint such as"),
        (Hint(), "cb_nodes=", "is not a hint such as"),
    ],
)
def test_what_is_refused(kind, text, message):
    with pytest.raises(click.BadParameter, match=message):
        kind.convert(text, None, None)
