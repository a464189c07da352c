"""The ranks' side of `compare_writers`: measure, and print one line of JSON.

``mpiexec -n 2 python -m hpcpy_mpiio.yardstick.compare_ranks time FOLDER SIZE SMALL REPEATS``
``... compare_ranks save-rows|save-columns|load-rows|load-columns FOLDER SIZE``
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hpcpy_core.cli import Work, run_command
from hpcpy_core.launch import import_mpi

if TYPE_CHECKING:
    from mpi4py import MPI

__all__ = ["main"]


@click.command("python -m hpcpy_mpiio.yardstick.compare_ranks")
@click.argument("what")
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("numbers", type=int, nargs=-1)
def command(what: str, folder: Path, numbers: tuple[int, ...]) -> Work:
    """Measure, and print what was found."""

    def work(comm: "MPI.Intracomm") -> None:
        from hpcpy_core.selection import library_name

        found: Any
        if what == "time":
            from hpcpy_mpiio.yardstick.compare_times import time_all

            size, small, repeats = numbers
            found = time_all(size, small, repeats, folder, comm)
        else:
            from hpcpy_mpiio.yardstick.compare_memory import weigh

            (size,) = numbers
            found = weigh(what, size, folder, comm)
        if comm.rank == 0:
            answer = {"mpi": library_name(), "ranks": comm.size, "found": found}
            click.echo(json.dumps(answer))

    return work


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code. Collective over the world."""
    return run_command(command, argv, lambda: import_mpi().COMM_WORLD)


if __name__ == "__main__":
    sys.exit(main())
