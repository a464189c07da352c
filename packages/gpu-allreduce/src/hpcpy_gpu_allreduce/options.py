"""The values of the commands' options: lists of names, sizes. Starts no MPI."""

import click

from hpcpy_core.options import Names
from hpcpy_core.sizes import parse_count
from hpcpy_gpu_allreduce.names import DTYPES, UFUNCS
from hpcpy_gpu_allreduce.registry import ALGORITHMS

__all__ = ["ALGORITHM_NAMES", "DTYPE_NAMES", "OP_NAMES", "Counts", "Sizes"]


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
