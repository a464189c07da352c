"""Benchmark of the kernels: the ladder, ranks, MPI or none, other libraries, in one report.

``python -m hpcpy_diffusion.bench --json FILE``

A serial program: it starts each comparison as a job of its own, with the mpiexec of this
environment. Figures are compared within a job only, where all cases are measured in turn.
"""

import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from hpcpy_core.find_mpiexec import find_mpiexec
from hpcpy_core.output_files import check_writable
from hpcpy_core.report import describe_run, write_report
from hpcpy_core.run_alone import run_alone
from hpcpy_core.tools import run_tool
from hpcpy_diffusion.benchmark.compare_bare import compare_bare
from hpcpy_diffusion.benchmark.problems import LARGE, PROBLEMS, as_options
from hpcpy_diffusion.kernels import KERNELS, find_kernel

__all__ = ["main", "measure"]

COMPARE = "hpcpy_diffusion.benchmark.compare_"
TOO_SLOW = ("numpy-loops", "python")
"""A step on the large grid takes them seconds."""
BARE = {"steps": 256, "repeats": 7}
SECONDS = 600
"""After which a job is ended; it takes one or two minutes."""


def measure(seconds: float) -> dict[str, Any]:
    """Start all comparisons, print and return their reports. Local.

    Parameters
    ----------
    seconds
        Of one repeat, about.

    Raises
    ------
    HpcpyError
        If a job fails, such as by a wrong field.
    """
    launcher = str(find_mpiexec())
    one, two = [launcher, "-n", "1"], [launcher, "-n", "2"]
    fast = [name for name, each in KERNELS.items() if each.installed and name not in TOO_SLOW]
    ladder = [*one, sys.executable, "-m", "hpcpy_diffusion", "ladder", "--device", "cpu"]
    compare = [sys.executable, "-m"]
    limit = ["--seconds", str(seconds)]
    with _one_core():
        ladders = {
            "notes": _run([*ladder, *limit]),
            "large": _run([*ladder, *limit, *as_options(LARGE), "--kernels", ",".join(fast)]),
        }
        bare = compare_bare(one, LARGE, kernel=find_kernel("auto").name, **BARE)
        click.echo(f"one rank / no MPI: {bare['ratio']:.3f}")
        libraries = {
            name: _run([*one, *compare, f"{COMPARE}libraries", name, *limit]) for name in PROBLEMS
        }
    ranks = {name: _run([*two, *compare, f"{COMPARE}ranks", name, *limit]) for name in PROBLEMS}
    return {"ladder": ladders, "bare": bare, "libraries": libraries, "ranks": ranks}


@contextmanager
def _one_core() -> Iterator[None]:
    """Keep what is started meanwhile on one core, its threads too."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def _run(command: Sequence[str]) -> Mapping[str, Any]:
    """Run a job that writes a report; print what it prints, and return the report."""
    with tempfile.TemporaryDirectory(prefix="hpcpy-bench-") as folder:
        path = Path(folder, "report.json")
        click.echo(run_tool([*command, "--json", str(path)], SECONDS))
        report: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return report


@click.command("hpcpy_diffusion.bench")
@click.option("--json", "path", type=click.Path(path_type=Path), help="Write the report here.")
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=1.0,
    show_default=True,
    help="Of one repeat, about; with 1 all takes ten minutes.",
)
def command(path: Path | None, seconds: float) -> None:
    """Measure everything that the documentation says of this package's speed on a CPU."""
    check_writable(path, "--json")
    report = {**describe_run("hpcpy_diffusion.bench"), **measure(seconds)}
    if path is not None:
        write_report(path, report)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    return run_alone(command, argv)


if __name__ == "__main__":
    sys.exit(main())
