"""Picture of the ladder: one bar for each rung. Local: one rank draws."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hpcpy_core.figures import make_figure
from hpcpy_core.replacing import replacing
from hpcpy_diffusion.ladder.format_table import describe_problem, is_gpus, label_rung

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_ladder"]

COLOUR, PALE, DARK = "#3a7ca5", "#a9c9dd", "#16425b"
"""One family: our kernels, what they are compared with, and lines."""
RATIOS = {"times_cpp": "  ({:.2g} x cpp)", "of_copy": "  ({:.2g} of copy)"}
LABEL: dict[str, Any] = {
    "textcoords": "offset points",
    "va": "center",
    "fontsize": 8,
    "bbox": {"facecolor": "white", "edgecolor": "none", "pad": 1},
}


def draw_ladder(path: Path, report: Mapping[str, Any]) -> None:
    """Draw horizontal bars on a logarithmic scale, the quartiles as whiskers.

    Parameters
    ----------
    path
        Of the picture; its suffix is its format.
    report
        As ``hpcpy-diffusion ladder --json`` writes it.

    Raises
    ------
    FileError
        If the picture cannot be written.
    """
    gpus = is_gpus(report)
    rungs = {label_rung(name, row, report): row for name, row in report["rungs"].items()}
    rows = {**rungs, "copy in GPU memory" if gpus else "copy of the field": report["copy"]}
    figure = make_figure(figsize=(8.0, 1.3 + 0.32 * len(rows)), layout="constrained")
    axes = figure.subplots()
    for place, row in enumerate(rows.values()):
        _draw_bar(axes, place, row, "of_copy" if gpus else "times_cpp")
    if gpus:
        _draw_mark(axes, report["copy"], "one sweep over memory a step: its roof")
    elif "cpp" in rows:
        _draw_mark(axes, rows["cpp"], "C++ -O3, two loops (yardstick)")
    axes.set_yticks(range(len(rows)), list(rows))
    axes.set(xscale="log", xlabel="10^9 cell updates per second", title=describe_problem(report))
    low = min(row["speed"]["lower_quartile"] for row in rows.values())
    high = max(row["speed"]["upper_quartile"] for row in rows.values())
    axes.set_xlim(low / 3, high * 6)  # labels stand right of the bars
    axes.grid(visible=True, axis="x", alpha=0.3)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    with replacing(path) as temporary:
        figure.savefig(temporary, format=path.suffix.lower()[1:], dpi=120)


def _draw_bar(axes: "Axes", place: int, row: Mapping[str, Any], ratio: str) -> None:
    figures = row["speed"]
    speed, lower, upper = (
        figures[name] for name in ("gcells_per_second", "lower_quartile", "upper_quartile")
    )
    pale = row["yardstick"] or (ratio == "of_copy" and row["device"] == "cpu")
    axes.barh(place, speed, color=PALE if pale else COLOUR, height=0.7)
    axes.errorbar(speed, place, xerr=[[speed - lower], [upper - speed]], color=DARK, lw=1)
    words = RATIOS[ratio].format(figures[ratio]) if ratio in figures else ""
    axes.annotate(f"{speed:.3g}{words}", (upper, place), xytext=(5, 0), **LABEL)


def _draw_mark(axes: "Axes", row: Mapping[str, Any], words: str) -> None:
    speed = row["speed"]["gcells_per_second"]
    axes.axvline(speed, color=DARK, ls="--", lw=1, label=words)
    axes.legend(loc="lower right", frameon=False, fontsize=8)
