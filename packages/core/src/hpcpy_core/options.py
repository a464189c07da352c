"""The values of options that several commands have. Starts no MPI."""

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

import click

from hpcpy_core.sizes import parse_count

__all__ = ["MOST_TIMES", "Bytes", "Names", "Picture", "times"]

PICTURES = (".pdf", ".png", ".svg")

MOST_TIMES = 1_000_000
"""How often a benchmark does one thing at most: a hundred times OSU's 10 000. More are a
slip of the keyboard, which would end in days, or in memory for as many figures."""


def times(least: int = 1) -> click.IntRange:
    """Return the type of an option that says how often something is repeated."""
    return click.IntRange(least, MOST_TIMES)


class Bytes(click.ParamType[int]):
    """A number of bytes."""

    name = "BYTES"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """Turn ``64M`` into 67108864."""
        try:
            return parse_count(str(value))
        except ValueError as error:
            self.fail(str(error))


class Names(click.ParamType[tuple[str, ...]]):
    """Names from a list, separated by commas; ``all`` is the whole list.

    Parameters
    ----------
    what
        That a name stands for, such as "layout".
    known
        The names that there are.
    """

    name = "LIST"

    def __init__(self, what: str, known: Sequence[str]) -> None:
        self.what, self.known = what, tuple(known)

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """Turn ``rows,columns`` into names, each once, in the order of the list."""
        if value == "all":
            return self.known
        given = [part.strip() for part in str(value).split(",")]
        for name in given:
            if name not in self.known:
                close = get_close_matches(name, self.known, n=1)
                guess = f"did you mean {close[0]}? " if close else ""
                self.fail(f"unknown {self.what} {name!r}: {guess}Choose from {self._list()}")
        return tuple(name for name in self.known if name in given)

    def _list(self) -> str:
        return ", ".join(("all", *self.known))


class Picture(click.ParamType[Path]):
    """The file of a picture; its suffix is its format."""

    name = "FILE"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Path:
        """Refuse what matplotlib cannot draw."""
        path = Path(str(value))
        if path.suffix.lower() not in PICTURES:
            self.fail(f"{path}: a picture's name ends in {', '.join(PICTURES)}")
        return path
