"""The ladders of diffusion as a table of 80 columns."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

__all__ = ["tell_ladders"]

KERNELS = ("cupy", "cupy-raw", "cupy-tiled", "cupy-resident")


def tell_ladders(results: Path) -> Iterator[str]:
    """Yield a row for each report of a ladder, and what follows from several. Local.

    Parameters
    ----------
    results
        The folder with ``ladder-POINTS-DTYPE-RANKS.json``.
    """
    reports: dict[tuple[str, int, int], dict[str, Any]] = {}
    for path in results.glob("ladder-*.json"):
        _, side, kind, size = path.stem.split("-")
        reports[kind, int(side), int(size)] = json.loads(path.read_text())
    if not reports:
        return
    yield "Gcell/s; in brackets: times the roof of single sweeps, which is a copy's speed"
    yield f"{'grid':13} n{'copy':>6}" + "".join(f"{name:>14}" for name in KERNELS)
    ordered = dict(sorted(reports.items(), key=lambda item: item[0], reverse=True))
    for (dtype, points, ranks), report in ordered.items():
        figures = "".join(f"{tell(report, name):>14}" for name in KERNELS)
        yield f"{points:<5} {dtype} {ranks}{of(report['copy']):6.0f}{figures}"
    for (dtype, points, ranks), report in ordered.items():
        alone = reports.get((dtype, points, 1))
        if ranks > 1 and alone:
            yield f"{ranks} ranks / 1 rank, {points} {dtype}: {compare(report, alone)}"
        yield from tell_cpu(report)


def tell(report: Mapping[str, Any], kernel: str) -> str:
    """Return what was measured of a kernel, or that it could not do this."""
    row = report["rungs"].get(kernel)
    return f"{of(row):.0f} ({row['speed']['of_copy']:.2f})" if row else "-"


def compare(report: Mapping[str, Any], alone: Mapping[str, Any]) -> str:
    """Return the ratios of the speeds in two reports."""
    both = [name for name in KERNELS if name in report["rungs"] and name in alone["rungs"]]
    return ", ".join(
        f"{name} {of(report['rungs'][name]) / of(alone['rungs'][name]):.2f}" for name in both
    )


def tell_cpu(report: Mapping[str, Any]) -> Iterator[str]:
    """Yield how many times as fast as the CPU a GPU's kernels are, if that was measured."""
    for name, row in report["rungs"].items():
        if row["device"] == "cpu":
            faster = [
                f"{other} {figures['speed']['times_cpu']:.1f} times"
                for other, figures in report["rungs"].items()
                if figures["device"] == "gpu"
            ]
            points = report["parameters"]["points"]
            yield f"CPU, {name}, {points}: {of(row):.1f} Gcell/s; {', '.join(faster)}"


def of(row: Mapping[str, Any]) -> float:
    """Return the speed of a row."""
    return float(row["speed"]["gcells_per_second"])
