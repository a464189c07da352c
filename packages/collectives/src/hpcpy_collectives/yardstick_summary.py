"""The yardstick's figures: ratios of Python to C, and their targets.

mpi4py asks for MPI_THREAD_MULTIPLE, whose locks cost a C program as much; a program
whose threads never call MPI at once may ask for less. So both levels are measured,
and mpi4py as it is over C with the plain MPI_Init.

Of every run the least disturbed block counts. Where the ranks run changes the times
of all programs alike, for a while: so a ratio is that of neighbouring runs, and the
median over the pairs is given.
"""

from dataclasses import dataclass, field
from statistics import median
from typing import Any

__all__ = [
    "LEVELS",
    "PROGRAMS",
    "RATIOS",
    "TARGETS",
    "Times",
    "format_summary",
    "read_lines",
    "summarise",
]

LEVELS = ("single", "multiple")
PROGRAMS = ("c-single", "python-single", "c-multiple", "python-multiple")
RATIOS = {
    "single": ("python-single", "c-single"),
    "multiple": ("python-multiple", "c-multiple"),
    "plain": ("python-multiple", "c-single"),
}
"""Which program over which."""

TARGETS = {
    "latency-8": {"MPICH": 1.6, "Open MPI": 1.6},
    "latency-1024": {"MPICH": 1.4, "Open MPI": 1.4},
    "allreduce-8": {"MPICH": 2.6, "Open MPI": 1.9},
}
"""Python over C, of small messages only: of large ones, buffer placement decides."""


@dataclass(kw_only=True)
class Times:
    """What the programs printed.

    Attributes
    ----------
    library
        Name and version of the MPI library.
    seconds
        Of the least disturbed block of every run, by program and case.
    own_bench
        Seconds of an 8-byte ping-pong as ``python -m mpi4py.bench`` finds them.
    """

    library: str = ""
    seconds: dict[str, dict[str, list[float]]] = field(
        default_factory=lambda: {program: {} for program in PROGRAMS}
    )
    own_bench: float = 0.0


def read_lines(times: Times, program: str, text: str) -> None:
    """Add the lines that one run of a program printed. Local."""
    blocks: dict[str, list[float]] = {}
    for line in text.splitlines():
        name, _, value = line.partition(" ")
        if name == "library":
            times.library = value
        else:
            blocks.setdefault(name, []).append(float(value))
    for name, found in blocks.items():
        times.seconds[program].setdefault(name, []).append(min(found))


def summarise(times: Times) -> dict[str, Any]:
    """Return ratios and targets, as plain JSON values; all times in seconds. Local."""
    vendor = times.library.rpartition(" ")[0]
    python = times.seconds["python-multiple"]
    cases = {}
    for name, targets in TARGETS.items():
        runs = {program: times.seconds[program][name] for program in PROGRAMS}
        cases[name] = {
            "seconds": {program: median(found) for program, found in runs.items()},
            "ratio": {
                against: median(p / c for p, c in zip(runs[ours], runs[theirs], strict=True))
                for against, (ours, theirs) in RATIOS.items()
            },
            "target": targets.get(vendor),
        }
    return {
        "library": times.library,
        "cases": cases,
        "pickle": {name: median(found) for name, found in python.items() if "pickle" in name},
        "overhead": {
            name.removeprefix("overhead-"): median(found)
            for name, found in python.items()
            if name.startswith("overhead-")
        },
        "mpi4py_bench_pingpong_8": times.own_bench,
    }


def format_summary(summary: dict[str, Any]) -> str:
    """Return the figures as a table, in us. Local."""
    lines = [
        f"{summary['library']}: us by thread level; Python over C single, multiple, plain; target",
        f"{'':13s}{'C single':>9s}{'Python':>8s}{'C multiple':>12s}{'Python':>8s}"
        f"{'sing.':>7s}{'mult.':>7s}{'plain':>7s}{'target':>8s}",
    ]
    for name, case in summary["cases"].items():
        c_single, single, c_multiple, multiple = (1e6 * case["seconds"][p] for p in PROGRAMS)
        ratios = "".join(f"{ratio:7.2f}" for ratio in case["ratio"].values())
        lines.append(
            f"{name:13s}{c_single:9.3f}{single:8.3f}{c_multiple:12.3f}{multiple:8.3f}"
            f"{ratios}{case['target']!s:>8s}"
        )
    lines += [f"{name:48s}{1e6 * value:11.3f}" for name, value in summary["pickle"].items()]
    own = summary["mpi4py_bench_pingpong_8"]
    lines.append(f"{'mpi4py.bench pingpong, 8 B (mean)':48s}{1e6 * own:11.3f}")
    lines += [
        f"{'harness, ' + name + ' / ns an iteration':48s}{1e9 * value:11.1f}"
        for name, value in summary["overhead"].items()
    ]
    return "\n".join(lines)
