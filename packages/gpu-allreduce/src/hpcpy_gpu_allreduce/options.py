"""The values of the commands' options: lists of names, sizes. Starts no MPI."""

from collections.abc import Sequence
from difflib import get_close_matches

import click

from hpcpy_core.sizes import parse_count
from hpcpy_gpu_allreduce.names import DTYPES, UFUNCS
from hpcpy_gpu_allreduce.registry import ALGORITHMS

__all__ = ["ALGORITHM_NAMES", "DTYPE_NAMES", "OP_NAMES", "Counts", "Names", "Sizes"]


class Names(click.ParamType[tuple[str, ...]]):
    """Names from a list, separated by commas; ``all`` is the whole list."""

    name = "LIST"

    def __init__(self, what: str, known: Sequence[str]) -> None:
        self.what, self.known = what, tuple(known)

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """Turn ``ring,host`` into names, in the order of the list."""
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


class Sizes(click.ParamType[tuple[int, ...]]):
    """Sizes in bytes: one, or every fourth power of two of a range."""

    name = "A:B"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        """Turn ``4:1K`` into 4, 16, 64, 256, 1024."""
        first, colon, last = str(value).partition(":")
        try:
            low, high = parse_count(first), parse_count(last if colon else first)
        except ValueError as error:
            self.fail(str(error))
        if high < low:
            self.fail(f"{value!r} falls: write the smaller size first, {last}:{first}")
        sizes = []
        while low < high:
            sizes.append(low)
            low *= 4
        return (*sizes, high)


class Counts(click.ParamType[tuple[int, ...]]):
    """Numbers of items, separated by commas; 0 is one, too."""

    name = "LIST"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        """Turn ``0,1K`` into 0, 1024."""
        parts = [part.strip() for part in str(value).split(",")]
        try:
            return tuple(0 if part == "0" else parse_count(part) for part in parts)
        except ValueError as error:
            self.fail(str(error))


ALGORITHM_NAMES = Names("algorithm", tuple(ALGORITHMS))
DTYPE_NAMES = Names("dtype", DTYPES)
OP_NAMES = Names("operation", tuple(UFUNCS))
