"""How much slower than C? The benchmark beside a C program with the same loops.

``python -m hpcpy_collectives.yardstick --json FILE``

A serial program: it compiles the C program with the mpicc of this environment, and
starts both with its mpiexec, in turn, on two ranks.
"""

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click

from hpcpy_collectives.yardstick_summary import (
    LEVELS,
    Times,
    format_summary,
    read_lines,
    summarise,
)
from hpcpy_core.options import times
from hpcpy_core.output_files import check_writable
from hpcpy_core.report import describe_run, write_report
from hpcpy_core.run_alone import run_alone
from hpcpy_core.tools import find_tool, run_tool

__all__ = ["collect", "main"]

SOURCE = Path(__file__).with_name("c_yardstick") / "yardstick.c"
BLOCKS = 20
ITERATIONS = 1000
SECONDS = 120
"""After which one program is ended; it takes a few."""


def collect(pairs: int) -> Times:
    """Compile, then run the programs in turn. Local: it starts the MPI jobs itself.

    Raises
    ------
    HpcpyError
        If a tool is missing or one of the programs fails.
    """
    mpiexec = [str(find_tool("mpiexec")), "-n", "2"]
    counts = [str(BLOCKS), str(ITERATIONS)]
    times = Times()
    with tempfile.TemporaryDirectory(prefix="hpcpy-yardstick-") as folder:
        binary = str(Path(folder, "yardstick"))
        run_tool([str(find_tool("mpicc")), "-O2", str(SOURCE), "-o", binary], SECONDS)
        ranks = [sys.executable, "-m", "hpcpy_collectives.yardstick_ranks"]
        commands = {}
        for level in LEVELS:
            commands[f"c-{level}"] = [*mpiexec, binary, level, *counts]
            commands[f"python-{level}"] = [*mpiexec, *ranks, level, *counts]
        for _ in range(pairs):
            for program, command in commands.items():
                read_lines(times, program, run_tool(command, SECONDS))
    own = [sys.executable, "-m", "mpi4py.bench", "pingpong", "-m", "8", "-n", "8", "--no-header"]
    # One line like "8  1.45 | 5.52e-06 ± 2.8e-06  10000": size, MB/s, mean, deviation, samples.
    times.own_bench = float(run_tool([*mpiexec, *own], SECONDS).partition("|")[2].split()[0])
    return times


@click.command("hpcpy_collectives.yardstick")
@click.option("--json", "path", type=click.Path(path_type=Path), help="Write the figures here.")
@click.option("--pairs", type=times(), default=5, show_default=True)
def command(path: Path | None, pairs: int) -> None:
    """Time ping-pong and Allreduce in Python beside the same loops in C, on 2 ranks."""
    check_writable(path, "--json")
    before = os.getloadavg()[0]
    summary = {
        **describe_run("hpcpy_collectives.yardstick"),
        "load_average_before": before,
        "pairs": pairs,
        **summarise(collect(pairs)),
    }
    click.echo(format_summary(summary))
    if path is not None:
        write_report(path, summary)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    return run_alone(command, argv)


if __name__ == "__main__":
    sys.exit(main())
