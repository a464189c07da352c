"""How near to the plain system calls? Save and load beside what one would do without MPI-IO.

``python -m hpcpy_mpiio.yardstick.compare_writers --json FILE``

A serial program: it starts `compare_ranks` with this environment's mpiexec, once for
all times, and once for each figure of memory, since that needs a fresh process.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from hpcpy_core.errors import InputError
from hpcpy_core.options import Bytes, times
from hpcpy_core.output_files import check_writable
from hpcpy_core.report import describe_run, write_report
from hpcpy_core.run_alone import run_alone
from hpcpy_core.tools import find_tool, run_tool
from hpcpy_mpiio.benchmark.file_system import find_file_system
from hpcpy_mpiio.benchmark.layouts import ITEM_BYTES
from hpcpy_mpiio.scratch_folder import scratch_folder
from hpcpy_mpiio.yardstick.compare_summary import format_summary, summarise

__all__ = ["main"]

WEIGHED = ("save-rows", "save-columns", "load-rows", "load-columns")
SECONDS = 900
"""After which one program is ended."""


@click.command("python -m hpcpy_mpiio.yardstick.compare_writers")
@click.option("--size", type=Bytes(), default="1G", show_default=True, help="Of the large array.")
@click.option("--small", type=Bytes(), default="64K", show_default=True, help="Of the small one.")
@click.option("--ranks", type=click.IntRange(min=1), default=2, show_default=True)
@click.option("--repeats", type=times(7), default=7, show_default=True)
@click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, writable=True, path_type=Path),
    default=Path(),
    help="On the disk to use; else the current one. The files are removed.",
)
@click.option("--json", "record", type=click.Path(path_type=Path), help="Write the figures here.")
def command(
    size: int, small: int, ranks: int, repeats: int, folder: Path, record: Path | None
) -> None:
    """Compare save and load with plain writes and reads of the same bytes."""
    if min(size, small) < ITEM_BYTES:
        raise InputError(f"--size and --small must be at least {ITEM_BYTES}: one float64")
    check_writable(record, "--json")
    with scratch_folder(folder) as scratch:
        timed = _run_ranks(ranks, "time", scratch, size, small, repeats)
        memory = {what: _run_ranks(ranks, what, scratch, size)["found"] for what in WEIGHED}
    summary = {
        **describe_run("hpcpy_mpiio.yardstick.compare_writers"),
        "mpi": timed["mpi"],
        "ranks": timed["ranks"],
        "parameters": {"size": size, "small": small, "repeats": repeats},
        "file_system": find_file_system(folder).as_dict(),
        "note": "writes end with fsync; reads are from the page cache, after one of each",
        **summarise(timed["found"], memory),
    }
    click.echo(f"{summary['mpi']}, {ranks} ranks; writes with fsync, reads from the page cache")
    click.echo(format_summary(summary, size))
    if record is not None:
        write_report(record, summary)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    return run_alone(command, argv)


def _run_ranks(ranks: int, what: str, folder: Path, *numbers: int) -> Any:  # noqa: ANN401 - what JSON holds
    """Run the other program to its end; return what it printed. Local.

    Raises
    ------
    HpcpyError
        If there is no mpiexec, or the program fails or takes too long.
    """
    program = [sys.executable, "-m", "hpcpy_mpiio.yardstick.compare_ranks"]
    words = [what, str(folder), *map(str, numbers)]
    mpiexec = [str(find_tool("mpiexec")), "-n", str(ranks)]
    return json.loads(run_tool([*mpiexec, *program, *words], SECONDS))


if __name__ == "__main__":
    sys.exit(main())
