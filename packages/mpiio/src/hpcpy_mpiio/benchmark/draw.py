"""A picture of the measured bandwidths. Local: one rank draws.

matplotlib is an extra of this package: `check_output` refuses before the work where it is missing.
"""

from collections.abc import Sequence
from pathlib import Path

from hpcpy_core.figures import make_figure
from hpcpy_core.replacing import replacing
from hpcpy_mpiio.benchmark.access import OPERATIONS
from hpcpy_mpiio.benchmark.measurement import Measurement

__all__ = ["draw_bench"]

HATCH = "///"
COLOURS = ("tab:blue", "tab:orange", "tab:green")


def draw_bench(path: Path, measurements: Sequence[Measurement]) -> None:
    """Draw a bar for every layout and API, writes beside reads, with the quartiles.

    Hatched bars are the page cache's speed.

    Raises
    ------
    FileError
        If the picture cannot be written.
    """
    layouts = list(dict.fromkeys(measured.layout.name for measured in measurements))
    apis = list(dict.fromkeys(measured.api for measured in measurements))
    width = 0.8 / len(apis)
    figure = make_figure(figsize=(11, 4.5), layout="constrained")
    panels = figure.subplots(1, len(OPERATIONS), sharey=True)
    for axes, operation in zip(panels, OPERATIONS, strict=True):
        for measured in measurements:
            if measured.operation != operation:
                continue
            total = measured.timing()
            fastest, slowest = total.quartiles
            high, median, low = (
                1e-6 * measured.bandwidth(seconds) for seconds in (fastest, total.median, slowest)
            )
            turn = apis.index(measured.api)
            axes.bar(
                layouts.index(measured.layout.name) + (turn - (len(apis) - 1) / 2) * width,
                median,
                width,
                yerr=[[median - low], [high - median]],
                color=COLOURS[turn],
                edgecolor="white",
                hatch=HATCH if measured.cached else None,
                error_kw={"lw": 1},
            )
        axes.set_title(operation)
        axes.set_xticks(range(len(layouts)), layouts)
        axes.grid(visible=True, axis="y", alpha=0.3)
        axes.set_axisbelow(True)
    panels[0].set_ylabel("bandwidth / (MB/s), median and quartiles")
    from matplotlib.patches import Patch  # not before `make_figure`

    keys = [Patch(facecolor=COLOURS[turn], label=api) for turn, api in enumerate(apis)]
    if any(measured.cached for measured in measurements):
        label = "page cache: memory, not the disk"
        keys.append(Patch(facecolor="lightgrey", edgecolor="white", hatch=HATCH, label=label))
    figure.legend(handles=keys, loc="outside lower center", ncols=len(keys), fontsize="small")
    with replacing(path) as temporary:
        figure.savefig(temporary, format=path.suffix.lower()[1:], dpi=120)
