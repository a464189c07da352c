"""What the comparison's figures say: ratios beside what they should be. Starts no MPI."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

__all__ = ["BUFFER", "format_summary", "summarise"]

BUFFER = 16 << 20
"""Bytes of ROMIO's collective buffer (cb_buffer_size), the most that a save may add."""

SPEEDS = {
    "raw MPI-IO, two plain writers": ("mpi-write", "plain-write", None),
    "save, two plain writers": ("save-rows", "plain-write", 0.9),
    "save of columns, save of rows": ("save-columns", "save-rows", 0.5),
    "load, numpy.fromfile (page cache)": ("load-rows", "numpy-fromfile", 0.9),
    "small save, numpy.save and fsync": ("save-small", "numpy-save-small", 1 / 3),
}
"""What is compared with what, by minima; and the least that its speed should be of the other's."""


def summarise(
    seconds: Mapping[str, Sequence[float]], memory: Mapping[str, Mapping[str, int]]
) -> dict[str, Any]:
    """Return minima, medians, ratios and targets as plain JSON values. Local.

    Parameters
    ----------
    seconds
        Of every repeat, by case, as `compare_times.time_all` returns them.
    memory
        By what was weighed, as `compare_memory.weigh` returns it.
    """
    return {
        "seconds": {
            case: {"minimum": min(times), "median": median(times), "repeats": len(times)}
            for case, times in seconds.items()
        },
        "relative_speed": {
            name: {
                "ratio": min(seconds[theirs]) / min(seconds[ours]),
                "at_least": target,
            }
            for name, (ours, theirs, target) in SPEEDS.items()
        },
        "memory_bytes": {
            what: {
                "block": found["block"],
                "added": found["grown"] - (found["block"] if what.startswith("load") else 0),
                "at_most": BUFFER,
            }
            for what, found in memory.items()
        },
    }


def format_summary(summary: Mapping[str, Any], size: int) -> str:
    """Return the figures as a table of at most 80 columns. Local.

    Parameters
    ----------
    summary
        What `summarise` returned.
    size
        Bytes of the large array.
    """
    lines = [f"{'speed: this, relative to that':42s}{'ratio':>8s}{'at least':>10s}"]
    for name, figure in summary["relative_speed"].items():
        target = "" if figure["at_least"] is None else f"{figure['at_least']:.2f}"
        lines.append(f"{name:42s}{figure['ratio']:8.2f}{target:>10s}")
    lines.append(f"\n{'minimum and median of':42s}{'ms':>8s}{'ms':>10s}{'best MB/s':>12s}")
    for case, times in summary["seconds"].items():
        rate = "" if "small" in case else f"{size / times['minimum'] / 1e6:.0f}"
        least, middle = 1e3 * times["minimum"], 1e3 * times["median"]
        lines.append(f"{case:42s}{least:8.2f}{middle:10.2f}{rate:>12s}")
    lines.append(f"\n{'memory beside the block':42s}{'MiB':>8s}{'at most':>10s}{'block':>12s}")
    for what, figure in summary["memory_bytes"].items():
        added, most, block = (figure[key] / 2**20 for key in ("added", "at_most", "block"))
        lines.append(f"{what:42s}{added:8.1f}{most:10.1f}{block:12.1f}")
    return "\n".join(lines)
