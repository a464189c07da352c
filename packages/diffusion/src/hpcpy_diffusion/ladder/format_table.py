"""The ladder's report as a table of 80 columns."""

from collections.abc import Mapping
from typing import Any

from hpcpy_diffusion.ladder.explain import explain_ladder
from hpcpy_diffusion.ladder.explain_gpu import explain_gpu_ladder

__all__ = ["describe_problem", "format_ladder", "is_gpus", "label_rung"]


def format_ladder(report: Mapping[str, Any]) -> str:
    """Return table, caption and what is missing. Local.

    Parameters
    ----------
    report
        As `hpcpy_diffusion.ladder.run` builds it, and ``--json`` writes it.
    """
    ratio = "times_cpu" if is_gpus(report) else "times_cpp"
    header = (
        f"{'kernel':22s}{'Gcell/s':>9s}{'IQR':>9s}{ratio.replace('times_', 'x '):>9s}"
        f"{'of copy':>10s}{'steps':>9s} {'warm-up s':>11s}"
    )
    rows = [
        _format_row(
            f"{name} (yardstick)" if row["yardstick"] else label_rung(name, row, report), row, ratio
        )
        for name, row in report["rungs"].items()
    ]
    copy = _format_row("copy", report["copy"], ratio)
    explain = explain_gpu_ladder if is_gpus(report) else explain_ladder
    return "\n".join([describe_problem(report), "", header, *rows, copy, "", *explain(report)])


def is_gpus(report: Mapping[str, Any]) -> bool:
    """Tell whether a ladder is a GPU's. Local."""
    return bool(report["device"]["kind"] == "gpu")


def label_rung(name: str, row: Mapping[str, Any], report: Mapping[str, Any]) -> str:
    """Return its name, marked where a GPU's ladder has it from the CPU. Local."""
    return f"CPU: {name}" if is_gpus(report) and row["device"] == "cpu" else name


def describe_problem(report: Mapping[str, Any]) -> str:
    """Return grid, steps, dtype, ranks, and the GPU, in one line. Local."""
    parameters, ranks = report["parameters"], report["ranks"]
    points = parameters["points"]
    where = f", {report['device']['name']}" if is_gpus(report) else ""
    return (
        f"{points} x {points} points, {parameters['steps']} steps, {parameters['dtype']}, "
        f"{ranks} rank{'s' if ranks > 1 else ''}{where}"
    )


def _format_row(label: str, row: Mapping[str, Any], ratio: str) -> str:
    speed = row["speed"]
    times, of_copy = (
        f"{speed[column]:.3g}" if column in speed else "" for column in (ratio, "of_copy")
    )
    iqr = speed["upper_quartile"] - speed["lower_quartile"]
    mark = "*" if row["scaled"] else " "
    return (
        f"{label:22s}{speed['gcells_per_second']:9.3g}{iqr:9.2g}{times:>9s}{of_copy:>10s}"
        f"{row['steps']:9d}{mark}{row['warm_up_seconds']:11.2f}"
    )
