"""A picture of strong and weak scaling beside the ideal. Local: it starts no MPI."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hpcpy_core.figures import make_figure
from hpcpy_core.replacing import replacing
from hpcpy_diffusion.scaling.plan import count_ranks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_scaling"]

Found = Mapping[str, Any]


def draw_scaling(path: Path, scaling: Mapping[str, Found]) -> None:
    """Draw speed-up in strong and efficiency in weak scaling, with the quartiles as bars.

    Parameters
    ----------
    path
        Its suffix is the format.
    scaling
        As `summarise_scaling` returns it; modes in which all has failed are left out.

    Raises
    ------
    FileError
        If the picture cannot be written.
    """
    measured = {mode: found for mode, found in scaling.items() if found["rows"]}
    figure = make_figure(figsize=(5.2 * len(measured), 4.2), layout="constrained")
    from matplotlib.ticker import NullLocator, PercentFormatter  # not before `make_figure`

    panels = figure.subplots(1, len(measured), squeeze=False)[0]
    for axes, (mode, found) in zip(panels, measured.items(), strict=True):
        rows = found["rows"]
        if mode == "strong":
            _draw(axes, rows, "speedup", [row["ideal_speedup"] for row in rows])
            axes.set_yscale("log", base=2)
            axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
            axes.set_ylabel(f"speed-up over {count_ranks(found['base_ranks'])}")
        else:
            _draw(axes, rows, "efficiency", [1.0] * len(rows))
            axes.set_ylim(bottom=0.0)
            axes.yaxis.set_major_formatter(PercentFormatter(1.0))
            axes.set_ylabel("efficiency")
        axes.set_xscale("log", base=2)
        axes.set_xticks([row["ranks"] for row in rows], [str(row["ranks"]) for row in rows])
        axes.xaxis.set_minor_locator(NullLocator())
        side, last = rows[0]["points"], rows[-1]["points"]
        size = f"{side}²" if side == last else f"{side}² to {last}²"
        axes.set(title=f"{mode} scaling, {size} points", xlabel="ranks")
        axes.grid(visible=True, alpha=0.3)
        axes.legend(fontsize="small")
    with replacing(path) as temporary:
        figure.savefig(temporary, format=path.suffix.lower()[1:], dpi=120)


def _draw(axes: "Axes", rows: list[Found], figure: str, ideal: list[float]) -> None:
    """Draw one figure of all rows with its quartiles, the ideal, and the efficiency as words."""
    ranks, values = [row["ranks"] for row in rows], [row[figure] for row in rows]
    below, above = (
        [abs(row[figure] * (_relative(row, quartile) - 1)) for row in rows]
        for quartile in ("lower_quartile", "upper_quartile")
    )
    axes.plot(ranks, ideal, "--", color="0.5", lw=1, label="ideal")
    axes.errorbar(ranks, values, yerr=(below, above), fmt="o-", capsize=3, label="measured")
    axes.margins(x=0.12, y=0.12)
    for row, value in zip(rows, values, strict=True):
        axes.annotate(
            f"{row['efficiency']:.0%}",
            (row["ranks"], value),
            textcoords="offset points",
            xytext=(7, -12),
            fontsize="small",
            bbox={"boxstyle": "round,pad=0.15", "fc": "white", "ec": "none", "alpha": 0.8},
        )


def _relative(row: Found, quartile: str) -> float:
    speed = row["gcells_per_second"]
    return float(speed[quartile] / speed["median"])
