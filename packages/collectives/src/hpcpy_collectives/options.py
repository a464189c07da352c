"""The values of the benchmark's options: operations, sizes, ranks."""

import click

from hpcpy_collectives.operations import OPERATIONS
from hpcpy_collectives.sizes import parse_sizes, powers_of_two
from hpcpy_core.sizes import parse_count

__all__ = ["Ops", "Ranks", "Sizes"]


class Ops(click.ParamType[tuple[str, ...] | None]):
    """Operations, separated by commas; ``all`` becomes None."""

    name = "LIST"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...] | None:
        """Turn ``latency,bw`` into names."""
        if value is None or str(value) == "all":
            return None
        names = tuple(part.strip() for part in str(value).split(","))
        for name in names:
            if name not in OPERATIONS:
                self.fail(f"unknown operation {name!r}: choose from {', '.join(OPERATIONS)}")
        return names


class Sizes(click.ParamType[tuple[int, ...]]):
    """Message sizes in bytes."""

    name = "A:B"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        """Turn ``1:4M`` into powers of two."""
        try:
            return parse_sizes(str(value))
        except ValueError as error:
            self.fail(str(error))


class Ranks(click.ParamType[tuple[int, ...]]):
    """Numbers of ranks to predict for."""

    name = "A:B"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        """Turn ``2:100000`` into 2, 4, 8 ... 65536, 100000."""
        first, colon, last = str(value).partition(":")
        try:
            low, high = parse_count(first), parse_count(last if colon else first)
        except ValueError as error:
            self.fail(str(error))
        if low < 2 or high < low:
            self.fail(f"{value!r} is not a rising range of 2 ranks or more, such as 2:100000")
        return powers_of_two(low, high)
