"""What does the parallel save cost here? Run ``mpiexec -n N python -m hpcpy_mpiio.bench``.

Against it runs what a program without MPI-IO would do once rank 0 holds the whole
array: `numpy.save` and fsync of the same bytes. Gathering is not counted, so the
comparison favours rank 0.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from hpcpy_core.cli import Work, run_command
from hpcpy_core.launch import import_mpi

if TYPE_CHECKING:
    from mpi4py import MPI

__all__ = ["main"]

SHAPES = {"64 KiB": (128, 64), "64 MiB": (4096, 2048)}

Figures = dict[str, dict[str, float]]


@click.command(name="python -m hpcpy_mpiio.bench")
@click.option("--repeats", type=click.IntRange(min=7), default=7, show_default=True)
@click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, writable=True, path_type=Path),
    default=Path(),
    help="Filesystem to measure; the files are removed at the end.",
)
@click.option("--json", "record", type=click.Path(path_type=Path), help="Write the figures here.")
def command(repeats: int, folder: Path, record: Path | None) -> Work:
    """Time the parallel save against numpy.save and fsync on rank 0."""

    def work(comm: "MPI.Intracomm") -> None:
        from hpcpy_core.agreement import on_root
        from hpcpy_core.report import build_report, write_report
        from hpcpy_core.selection import select

        selection = select("auto", "auto", comm)
        figures = _measure(folder, repeats, comm)
        with on_root(comm) as is_root:
            if is_root:
                click.echo(_table(figures, comm.size))
                if record is not None:
                    parameters = {"repeats": repeats}
                    report = build_report(
                        "hpcpy_mpiio.bench", selection, parameters, seconds=figures
                    )
                    write_report(record, report)

    return work


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code. Collective over the world."""
    return run_command(command, argv, lambda: import_mpi().COMM_WORLD)


def _measure(folder: Path, repeats: int, comm: "MPI.Intracomm") -> Figures:
    """Return medians, minima and the ratio of the medians for each size. Collective over comm."""
    from hpcpy_core.agreement import on_root
    from hpcpy_mpiio.time_save import time_save

    scratch = None
    with on_root(comm) as is_root:
        if is_root:
            scratch = TemporaryDirectory(dir=folder, prefix=".hpcpy-bench-")
    shared = Path(comm.bcast(scratch and str(Path(scratch.name).absolute()), root=0))
    figures = {}
    for size, shape in SHAPES.items():
        timings = time_save(shape, shared, comm, repeats=repeats)
        figures[size] = {
            f"{way}_{kind}": getattr(timing, kind)
            for way, timing in timings.items()
            for kind in ("median", "minimum")
        }
        figures[size]["ratio"] = timings["save"].median / timings["numpy"].median
    if scratch is not None:
        scratch.cleanup()
    return figures


def _table(figures: Figures, ranks: int) -> str:
    """Lay the figures out, in milliseconds."""
    lines = [f"{ranks} ranks     save: median  minimum     numpy: median  minimum     ratio   [ms]"]
    for size, row in figures.items():
        times = [1e3 * row[name] for name in list(row)[:4]]
        lines.append(
            f"{size}        {times[0]:10.2f} {times[1]:8.2f}        {times[2]:10.2f} "
            f"{times[3]:8.2f} {row['ratio']:9.2f}"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
