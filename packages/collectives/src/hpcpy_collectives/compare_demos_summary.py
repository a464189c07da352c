"""What `compare_demos` found: ratios, and whether they are within noise.

Noise is what the programs differ from themselves: the two agree where the ranges
of their runs overlap.
"""

from collections.abc import Mapping
from statistics import median
from typing import Any

__all__ = ["Runs", "format_summary", "read_demo", "summarise"]

Runs = dict[tuple[str, int], tuple[list[float], list[float]]]
"""By operation and size: mpi4py's figures and ours, in us or MB/s, one of every run."""


def read_demo(text: str) -> dict[int, float]:
    """Return the figures that one of mpi4py's programs printed, by size. Local."""
    rows = [line.split() for line in text.splitlines() if not line.startswith("#")]
    return {int(row[0]): float(row[1]) for row in rows if row}


def summarise(runs: Mapping[tuple[str, int], tuple[list[float], list[float]]]) -> dict[str, Any]:
    """Return medians, ratios and agreement, as plain JSON values. Local."""
    operations: dict[str, dict[str, Any]] = {}
    for (op, size), (theirs, ours) in runs.items():
        found = operations.setdefault(op, {"sizes": {}})
        found["sizes"][str(size)] = {
            "mpi4py": median(theirs),
            "hpcpy": median(ours),
            "ratio": median(ours) / median(theirs) if median(theirs) else None,
            "mpi4py_runs": [min(theirs), max(theirs)],
            "hpcpy_runs": [min(ours), max(ours)],
            "agree": min(ours) <= max(theirs) and min(theirs) <= max(ours),
        }
    for found in operations.values():
        rows = found["sizes"].values()
        ratios = [row["ratio"] for row in rows if row["ratio"] is not None]
        found["median_ratio"] = median(ratios) if ratios else None
        found["agreeing_sizes"] = sum(row["agree"] for row in rows)
    return {
        "unit": "us; MB/s for bw and bibw",
        "operations": operations,
    }


def format_summary(summary: Mapping[str, Any]) -> str:
    """Return one line an operation. Local."""
    lines = [
        f"{summary['mpi']}, 2 ranks, {summary['pairs']} runs of each: bench over mpi4py's osu_*.py",
        f"{'op':12s}{'median ratio':>14s}{'least':>9s}{'most':>9s}{'runs overlap':>22s}",
    ]
    for op, found in summary["operations"].items():
        ratios = [row["ratio"] for row in found["sizes"].values() if row["ratio"] is not None]
        lines.append(
            f"{op:12s}{found['median_ratio']:14.3f}{min(ratios):9.3f}{max(ratios):9.3f}"
            f"{found['agreeing_sizes']:12d} of {len(found['sizes'])} sizes"
        )
    return "\n".join(lines)
