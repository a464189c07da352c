"""Values of this package's options. Starts no MPI."""

import re

import click

__all__ = ["Count"]

LONGEST = 60
"""Letters of a number: more are no number that anything here can count to."""


class Count(click.ParamType[int]):
    """A whole number, however it is written: 1000000, 1_000_000, 1e6, 10^6."""

    name = "N"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """Turn ``1e6`` into 1000000, exactly."""
        text = str(value).strip().replace("_", "").lower()
        if len(text) > LONGEST:
            self.fail(f"'{text[:LONGEST]}...' is longer than any number that works", param, ctx)
        if match := re.fullmatch(r"([+-]?\d+)e\+?(\d{1,2})", text):
            return int(match[1] + int(match[2]) * "0")
        if match := re.fullmatch(r"10(?:\^|\*\*)(\d{1,2})", text):
            return int("1" + int(match[1]) * "0")
        try:
            return int(text)
        except ValueError:
            self.fail(f"{value!r} is not a whole number like 1000000, 1e6 or 10^6", param, ctx)
