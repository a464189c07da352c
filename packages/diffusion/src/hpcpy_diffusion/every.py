"""How often a checkpoint is written, as ``--checkpoint-every`` takes it. No MPI."""

import re
from dataclasses import dataclass

import click

__all__ = ["Every", "EveryType"]

SECONDS = {"s": 1, "m": 60, "h": 3600}


@dataclass(frozen=True, kw_only=True)
class Every:
    """An interval in time steps, or in seconds of wall time; the other is None."""

    steps: int | None = None
    seconds: float | None = None


class EveryType(click.ParamType[Every]):
    """An interval, written ``1000`` in steps, or ``600s``, ``10m``, ``1h`` in wall time."""

    name = "STEPS|SECONDS"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Every:
        """Turn ``1000`` or ``600s`` into an interval."""
        match = re.fullmatch(r"(\d{1,15})([smh]?)", str(value), re.ASCII)
        if match is None or int(match[1]) == 0:
            self.fail(f"{value!r} is neither steps like 1000 nor a time like 600s", param, ctx)
        number, unit = int(match[1]), match[2]
        return Every(seconds=number * SECONDS[unit]) if unit else Every(steps=number)
