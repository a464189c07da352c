"""Does the benchmark agree with mpi4py's own programs? Both in turn, on two ranks.

``python -m hpcpy_collectives.compare_demos FOLDER --json FILE``

FOLDER is ``demo/`` of mpi4py's source distribution, whose osu_*.py follow the OSU
micro-benchmarks as `bench` does. A serial program: it starts both with this
environment's mpiexec.
"""

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click

from hpcpy_collectives.compare_demos_summary import (
    Runs,
    format_summary,
    read_demo,
    summarise,
)
from hpcpy_collectives.read_report import read_report
from hpcpy_core.errors import InputError
from hpcpy_core.options import times
from hpcpy_core.output_files import check_writable
from hpcpy_core.report import describe_run, write_report
from hpcpy_core.run_alone import run_alone
from hpcpy_core.tools import find_tool, run_tool

__all__ = ["collect", "main"]

OPERATIONS = (
    *("latency", "bw", "bibw", "multi_lat", "bcast", "allgather"),
    *("alltoall", "alltoallv", "gather", "scatter", "barrier"),
)
"""Those of which mpi4py has a program, named osu_ and this."""

SECONDS = 300
"""After which one program is ended; it takes a few."""


def collect(folder: Path, ops: Sequence[str], sizes: str, pairs: int) -> tuple[Runs, str]:
    """Run both in turn; return what each found, and the MPI library. Local: it starts MPI jobs.

    Parameters
    ----------
    folder
        With mpi4py's programs.
    ops
        Names of operations.
    sizes
        As ``--sizes`` of bench.
    pairs
        How often each runs.

    Raises
    ------
    InputError
        If `folder` lacks a program.
    HpcpyError
        If a tool is missing or one of the programs fails.
    """
    for op in ops:
        if not (folder / f"osu_{op}.py").is_file():
            raise InputError(
                f"{folder} has no osu_{op}.py: unpack mpi4py's source distribution, and give its "
                "folder demo"
            )
    mpiexec = [str(find_tool("mpiexec")), "-n", "2", sys.executable]
    runs: Runs = {}
    library = ""
    with tempfile.TemporaryDirectory(prefix="hpcpy-compare-demos-") as scratch:
        report = Path(scratch, "bench.json")
        bench = [*mpiexec, "-m", "hpcpy_collectives", "bench", "--sizes", sizes]
        for _ in range(pairs):
            for op in ops:
                demo = run_tool([*mpiexec, str(folder / f"osu_{op}.py")], SECONDS)
                for size, value in read_demo(demo).items():
                    runs.setdefault((op, size), ([], []))[0].append(value)
                run_tool([*bench, "--ops", op, "--output", str(report)], SECONDS)
                found = read_report(report)
                library = found["mpi"]
                for row in found["measurements"]:
                    # Theirs is rank 0's time, which in a long loop is that of the slowest rank.
                    value = row["median"] * (1e-6 if row["unit"] == "B/s" else 1e6)
                    runs.setdefault((op, row["size"]), ([], []))[1].append(value)
    return {key: both for key, both in runs.items() if all(both)}, library


@click.command("hpcpy_collectives.compare_demos")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--ops", default=",".join(OPERATIONS), show_default=True)
@click.option("--sizes", default="1:1M", show_default=True)
@click.option("--pairs", type=times(3), default=5, show_default=True)
@click.option("--json", "path", type=click.Path(path_type=Path), help="Write the figures here.")
def command(folder: Path, ops: str, sizes: str, pairs: int, path: Path | None) -> None:
    """Measure with mpi4py's osu_*.py in FOLDER and with bench, in turn, on 2 ranks."""
    check_writable(path, "--json")
    before = os.getloadavg()[0]
    runs, library = collect(folder, ops.split(","), sizes, pairs)
    summary = {
        **describe_run("hpcpy_collectives.compare_demos"),
        "mpi": library,
        "load_average_before": before,
        "pairs": pairs,
        **summarise(runs),
    }
    click.echo(format_summary(summary))
    if path is not None:
        write_report(path, summary)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    return run_alone(command, argv)


if __name__ == "__main__":
    sys.exit(main())
