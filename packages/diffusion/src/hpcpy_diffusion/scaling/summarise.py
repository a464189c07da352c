"""From the reports of all jobs to medians, quartiles, speed-up and efficiency. No MPI."""

from collections.abc import Sequence
from statistics import median, quantiles
from typing import Any

from hpcpy_diffusion.scaling.plan import MODES
from hpcpy_diffusion.scaling.run_cases import Outcome

__all__ = ["list_warnings", "summarise_scaling"]


def summarise_scaling(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return the figures of every mode, as plain JSON values. Local.

    Returns
    -------
    dict
        By mode: ``base_ranks``, the fewest ranks that were measured, None if there are none;
        ``rows``, one for each number of ranks that was; ``failed``, the last words of the
        others by their number. In a row speed is in Gcell/s; with S and P those of the
        base, ``speedup`` is s/S, ``ideal_speedup`` is p/P, and ``efficiency`` is their
        quotient, (s/p)/(S/P). That holds for weak scaling too, where rounding makes the
        points of a rank not quite the same.
    """
    scaling: dict[str, Any] = {}
    for mode in MODES:
        chosen = [outcome for outcome in outcomes if outcome.case.mode == mode]
        if not chosen:
            continue
        rows = [_describe(outcome) for outcome in chosen if outcome.failed is None]
        for row in rows:
            speed, base = (r["gcells_per_second"]["median"] for r in (row, rows[0]))
            row["speedup"] = speed / base
            row["ideal_speedup"] = row["ranks"] / rows[0]["ranks"]
            row["efficiency"] = row["speedup"] / row["ideal_speedup"]
        scaling[mode] = {
            "base_ranks": rows[0]["ranks"] if rows else None,
            "rows": rows,
            "failed": {str(o.case.ranks): o.failed for o in chosen if o.failed is not None},
        }
    return scaling


def list_warnings(outcomes: Sequence[Outcome], cores: int) -> list[str]:
    """Return what a reader of the figures should know. Local.

    Parameters
    ----------
    cores
        Of a node.
    """
    shared = sorted(
        {
            outcome.case.ranks
            for outcome in outcomes
            for report in outcome.reports
            if outcome.case.ranks > cores * report["nodes"]
        }
    )
    if not shared:
        return []
    return [
        f"with {', '.join(map(str, shared))} ranks there are more ranks than cores ({cores} a "
        "node): they take turns, and that is what was measured"
    ]


def _describe(outcome: Outcome) -> dict[str, Any]:
    """Return the figures of one case."""
    case, reports = outcome.case, outcome.reports
    speeds = [report["gcells_per_second"] for report in reports]
    how = {name: reports[0][name] for name in ("dims", "exchange", "halo_depth", "threads")}
    return {
        "ranks": case.ranks,
        **how,
        "points": case.parameters.points,
        "steps": case.parameters.steps,
        "cells_per_rank": case.parameters.points**2 / case.ranks,
        "gcells_per_second": _spread(speeds),
        "seconds": {
            name: median(report["seconds"][name] for report in reports)
            for name in reports[0]["seconds"]
        },
        "halo_share": median(_share_of_halo(report["seconds"]) for report in reports),
        "mass": reports[0]["mass"],
    }


def _spread(values: Sequence[float]) -> dict[str, float | int]:
    lower, _, upper = (
        quantiles(values, n=4, method="inclusive") if len(values) > 1 else [values[0]] * 3
    )
    return {
        "median": median(values),
        "lower_quartile": lower,
        "upper_quartile": upper,
        "repeats": len(values),
    }


def _share_of_halo(seconds: dict[str, float]) -> float:
    return seconds["halo"] / (seconds["compute"] + seconds["halo"])
