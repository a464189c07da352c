"""Pictures of what was measured and predicted. Local: one rank draws.

matplotlib is an extra of this package: `check_plot` refuses before the work where it is missing.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hpcpy_collectives.measurement import Measurement
from hpcpy_collectives.predict import Prediction
from hpcpy_core.figures import make_figure
from hpcpy_core.replacing import replacing
from hpcpy_core.sizes import format_size

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_measurements", "draw_predictions"]


def draw_measurements(path: Path, measurements: Sequence[Measurement]) -> None:
    """Draw time and bandwidth against the message size, with the quartiles as a band.

    Raises
    ------
    FileError
        If the picture cannot be written.
    """
    units = [unit for unit in ("s", "B/s") if any(m.unit == unit for m in measurements)]
    figure = make_figure(figsize=(6.0 * len(units), 4.5), layout="constrained")
    for axes, unit in zip(figure.subplots(1, len(units), squeeze=False)[0], units, strict=True):
        curves: dict[tuple[str, str], list[Measurement]] = {}
        for measured in measurements:
            if measured.unit == unit:
                curves.setdefault((measured.op, measured.api), []).append(measured)
        factor = 1e6 if unit == "s" else 1e-6
        for (op, api), points in curves.items():
            sizes = [point.size for point in points]
            axes.plot(sizes, [factor * p.median for p in points], "o-", ms=3, label=f"{op} {api}")
            axes.fill_between(
                sizes,
                [factor * point.lower_quartile for point in points],
                [factor * point.upper_quartile for point in points],
                alpha=0.2,
            )
        _finish(axes, "message size / B", "time / us" if unit == "s" else "bandwidth / (MB/s)")
    _save(figure, path)


def draw_predictions(path: Path, predictions: Sequence[Prediction]) -> None:
    """Draw the predicted time against the number of ranks, one picture a collective and size.

    Raises
    ------
    FileError
        If the picture cannot be written.
    """
    rows = list(dict.fromkeys(prediction.collective for prediction in predictions))
    columns = list(dict.fromkeys(prediction.size for prediction in predictions))
    figure = make_figure(figsize=(3.6 * len(columns), 3.2 * len(rows)), layout="constrained")
    grid = figure.subplots(len(rows), len(columns), squeeze=False)
    for line, collective in zip(grid, rows, strict=True):
        for axes, size in zip(line, columns, strict=True):
            chosen = [p for p in predictions if (p.collective, p.size) == (collective, size)]
            for algorithm in chosen[0].seconds:
                times = [1e6 * prediction.seconds[algorithm] for prediction in chosen]
                axes.plot([prediction.ranks for prediction in chosen], times, label=algorithm)
            axes.set_title(f"{collective}, {format_size(size)} B")
            _finish(axes, "ranks", "time / us")
    _save(figure, path)


def _finish(axes: "Axes", along: str, up: str) -> None:
    # A barrier has size 0, which a plain logarithm has no place for.
    axes.set_xscale("symlog", base=2, linthresh=1) if along.startswith("m") else axes.set_xscale(
        "log"
    )
    axes.set(yscale="log", xlabel=along, ylabel=up)
    axes.grid(visible=True, alpha=0.3)
    axes.legend(fontsize="x-small")


def _save(figure: "Figure", path: Path) -> None:
    with replacing(path) as temporary:
        figure.savefig(temporary, format=path.suffix.lower()[1:], dpi=120)
