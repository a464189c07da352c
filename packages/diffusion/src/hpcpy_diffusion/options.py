"""The values of options that have a form of their own. Starts no MPI."""

import re

import click

from hpcpy_diffusion.plan import Depth

__all__ = ["DepthType", "Dims", "Numbers"]


class Dims(click.ParamType[tuple[int, int]]):
    """Ranks along both axes, written PxQ."""

    name = "PxQ"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        """Turn ``2x3`` into (2, 3)."""
        parts = str(value).lower().split("x")
        if len(parts) != 2 or not all(part.isdecimal() and int(part) for part in parts):
            self.fail(f"{value!r} is not two positive numbers like 2x3", param, ctx)
        return int(parts[0]), int(parts[1])


class DepthType(click.ParamType[Depth]):
    """The depth of the halos: a number from 1, or ``auto``."""

    name = "auto|N"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Depth:
        """Turn ``4`` into 4."""
        text = str(value)
        if text == "auto":
            return "auto"
        if not re.fullmatch("[0-9]{1,9}", text) or not int(text):
            self.fail(f"{value!r} is neither auto nor a number from 1", param, ctx)
        return int(text)


class Numbers(click.ParamType[tuple[int, ...]]):
    """Numbers from 1, separated by commas: sorted, each once."""

    name = "LIST"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        """Turn ``4,1,2`` into (1, 2, 4)."""
        parts = [part.strip() for part in str(value).split(",")]
        if not all(re.fullmatch("[0-9]{1,9}", part) and int(part) for part in parts):
            self.fail(f"{value!r} is not a list of numbers from 1 like 1,2,4", param, ctx)
        return tuple(sorted({int(part) for part in parts}))
