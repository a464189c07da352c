"""The figures of the ladder as plain JSON values, for report, table and picture."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from hpcpy_diffusion.ladder.measure import Measured
from hpcpy_diffusion.ladder.rung import Rung

__all__ = ["Sizes", "describe_copy", "describe_rung", "describe_speed"]


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """What a step and a copy do.

    Attributes
    ----------
    cells
        The problem's interior points.
    copied
        Items that a copy has.
    dtype
        Of both.
    most
        The problem's time steps.
    """

    cells: int
    copied: int
    dtype: str
    most: int


def describe_rung(
    rung: Rung,
    measured: Mapping[str, Measured],
    sizes: Sizes,
    *,
    difference: float,
    against: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, Any]:
    """Return what was measured of a rung, beside others and ``copy``. Local.

    Parameters
    ----------
    rung
        One of those measured.
    measured
        From `hpcpy_diffusion.ladder.measure.measure_ladder`.
    difference
        From the reference's field, as a share of the largest density.
    against
        As for `describe_speed`.
    """
    return {
        "kernel": rung.kernel.name,
        "device": rung.kernel.device,
        "threads": rung.threads,
        "yardstick": rung.kernel.yardstick,
        "difference": difference,
        **_describe(rung.name, measured, sizes, cells=sizes.cells, against=against),
    }


def describe_copy(measured: Mapping[str, Measured], sizes: Sizes) -> dict[str, Any]:
    """Return the same of the copy, and the bytes that it reads and writes. Local."""
    nbytes = 2 * sizes.copied * np.dtype(sizes.dtype).itemsize
    figures = _describe("copy", measured, sizes, cells=sizes.copied, against={})
    return {"yardstick": True, "nbytes": nbytes, **figures}


def describe_speed(
    name: str, measured: Mapping[str, Measured], *, cells: int, against: Mapping[str, str]
) -> dict[str, float]:
    """Return median and quartiles of 10^9 cell updates per second, and ratios of medians. Local.

    Parameters
    ----------
    name
        One of those measured.
    measured
        As for `describe_rung`.
    cells
        That a step updates, of this one and of those that it is compared with.
    against
        For each ratio, whose speed is in its denominator.
    """
    median, lower, upper = measured[name].speed(cells)
    ratios = {ratio: median / measured[other].speed(cells)[0] for ratio, other in against.items()}
    return {"gcells_per_second": median, "lower_quartile": lower, "upper_quartile": upper, **ratios}


def _describe(
    name: str,
    measured: Mapping[str, Measured],
    sizes: Sizes,
    *,
    cells: int,
    against: Mapping[str, str],
) -> dict[str, Any]:
    found = measured[name]
    speed = describe_speed(name, measured, cells=cells, against=against)
    speed["of_copy"] = speed["gcells_per_second"] / measured["copy"].speed(sizes.copied)[0]
    return {
        "steps": found.steps,
        "scaled": found.steps < sizes.most,
        "seconds": found.timing.as_dict(),
        "warm_up_seconds": found.warm_up,
        "speed": speed,
    }
