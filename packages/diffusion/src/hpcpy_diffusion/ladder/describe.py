"""The figures of the ladder as plain JSON values, for report, table and picture."""

from collections.abc import Mapping
from typing import Any

from hpcpy_diffusion.ladder.measure import Measured
from hpcpy_diffusion.ladder.rung import Rung

__all__ = ["describe_copy", "describe_rung", "describe_speed"]


def describe_rung(
    rung: Rung, measured: Mapping[str, Measured], *, cells: int, most: int, difference: float
) -> dict[str, Any]:
    """Return what was measured of a rung, beside ``cpp`` and ``copy``. Local.

    Parameters
    ----------
    rung
        One of those measured.
    measured
        From `hpcpy_diffusion.ladder.measure.measure_ladder`.
    cells, most
        The problem's interior points and time steps.
    difference
        From the reference's field, as a share of the largest density.
    """
    return {
        "kernel": rung.kernel.name,
        "threads": rung.threads,
        "yardstick": rung.kernel.yardstick,
        "difference": difference,
        **_describe(rung.name, measured, cells=cells, most=most),
    }


def describe_copy(measured: Mapping[str, Measured], *, cells: int, most: int) -> dict[str, Any]:
    """Return the same of the copy. Local."""
    return {"yardstick": True, **_describe("copy", measured, cells=cells, most=most)}


def describe_speed(
    name: str, measured: Mapping[str, Measured], *, cells: int, against: Mapping[str, str]
) -> dict[str, float]:
    """Return median and quartiles of 10^9 cell updates per second, and ratios of medians. Local.

    Parameters
    ----------
    name
        One of those measured.
    measured, cells
        As for `describe_rung`.
    against
        For each ratio, whose speed is in its denominator.
    """
    median, lower, upper = measured[name].speed(cells)
    ratios = {ratio: median / measured[other].speed(cells)[0] for ratio, other in against.items()}
    return {"gcells_per_second": median, "lower_quartile": lower, "upper_quartile": upper, **ratios}


def _describe(
    name: str, measured: Mapping[str, Measured], *, cells: int, most: int
) -> dict[str, Any]:
    found = measured[name]
    against = {"times_cpp": "cpp"} if "cpp" in measured and name != "copy" else {}
    speed = describe_speed(name, measured, cells=cells, against={**against, "of_copy": "copy"})
    return {
        "steps": found.steps,
        "scaled": found.steps < most,
        "seconds": found.timing.as_dict(),
        "warm_up_seconds": found.warm_up,
        "speed": speed,
    }
