"""The ladder's report as a table of 80 columns."""

from collections.abc import Mapping
from typing import Any

from hpcpy_diffusion.ladder.explain import explain_ladder

__all__ = ["describe_problem", "format_ladder"]

HEADER = (
    f"{'kernel':22s}{'Gcell/s':>9s}{'IQR':>9s}{'x cpp':>9s}{'of copy':>10s}"
    f"{'steps':>9s} {'warm-up s':>11s}"
)


def format_ladder(report: Mapping[str, Any]) -> str:
    """Return table, caption and what is missing. Local.

    Parameters
    ----------
    report
        As `hpcpy_diffusion.ladder.run` builds it, and ``--json`` writes it.
    """
    rows = [
        _format_row(f"{name} (yardstick)" if row["yardstick"] else name, row)
        for name, row in report["rungs"].items()
    ]
    copy = _format_row("copy", report["copy"])
    return "\n".join(
        [describe_problem(report), "", HEADER, *rows, copy, "", *explain_ladder(report)]
    )


def describe_problem(report: Mapping[str, Any]) -> str:
    """Return grid, steps, dtype and ranks in one line. Local."""
    parameters, ranks = report["parameters"], report["ranks"]
    points = parameters["points"]
    return (
        f"{points} x {points} points, {parameters['steps']} steps, {parameters['dtype']}, "
        f"{ranks} rank{'s' if ranks > 1 else ''}"
    )


def _format_row(label: str, row: Mapping[str, Any]) -> str:
    speed = row["speed"]
    times_cpp, of_copy = (
        f"{speed[column]:.3g}" if column in speed else "" for column in ("times_cpp", "of_copy")
    )
    iqr = speed["upper_quartile"] - speed["lower_quartile"]
    mark = "*" if row["scaled"] else " "
    return (
        f"{label:22s}{speed['gcells_per_second']:9.3g}{iqr:9.2g}{times_cpp:>9s}{of_copy:>10s}"
        f"{row['steps']:9d}{mark}{row['warm_up_seconds']:11.2f}"
    )
