"""Pictures of figures: bandwidth against size, loss against step. Local: one rank draws."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hpcpy_core.figures import make_figure
from hpcpy_core.replacing import replacing
from hpcpy_gpu_allreduce.measurement import Measurement

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["draw_bandwidths", "draw_losses"]


def draw_bandwidths(path: Path, measurements: Sequence[Measurement]) -> None:
    """Draw time and S/t against S, of every algorithm, and dashed of the copies.

    Raises
    ------
    FileError
        If the picture cannot be written.
    """
    figure = make_figure(figsize=(11, 4.5), layout="constrained")
    times, bandwidths = figure.subplots(1, 2)
    curves: dict[str, list[Measurement]] = {}
    for measured in measurements:
        curves.setdefault(measured.algorithm, []).append(measured)
    for name, points in curves.items():
        sizes = [point.nbytes for point in points]
        style = "--" if points[0].is_ceiling else "o-"
        quartiles = [point.timing.quartiles for point in points]
        times.plot(sizes, [1e6 * p.timing.median for p in points], style, ms=3, label=name)
        times.fill_between(
            sizes,
            [1e6 * lower for lower, _ in quartiles],
            [1e6 * upper for _, upper in quartiles],
            alpha=0.2,
        )
        rates = [1e-9 * point.algorithm_bandwidth for point in points]
        bandwidths.plot(sizes, rates, style, ms=3, label=name)
    times.set(ylabel="time / us")
    bandwidths.set(ylabel="algbw = S/t / (GB/s)")
    for axes in (times, bandwidths):
        axes.set(xscale="log", yscale="log", xlabel="bytes of each rank's array, S")
        axes.grid(visible=True, alpha=0.3)
        axes.legend(fontsize="x-small")
    _save(figure, path)


def draw_losses(path: Path, losses: Sequence[float]) -> None:
    """Draw the loss before each step, and after the last.

    Raises
    ------
    FileError
        If the picture cannot be written.
    """
    figure = make_figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    axes.plot(losses)
    axes.set(yscale="log", xlabel="step", ylabel="loss")
    axes.grid(visible=True, alpha=0.3)
    _save(figure, path)


def _save(figure: "Figure", path: Path) -> None:
    with replacing(path) as temporary:
        figure.savefig(temporary, format=path.suffix.lower()[1:], dpi=120)
