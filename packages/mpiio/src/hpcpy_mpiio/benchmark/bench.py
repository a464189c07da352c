"""``bench``: measure MPI-IO on one shared file, in IOR's terms. Importing it starts no MPI."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hpcpy_core.cli import Work
from hpcpy_core.options import Bytes, Names, Picture, times
from hpcpy_mpiio.benchmark.access import APIS
from hpcpy_mpiio.benchmark.layouts import LAYOUTS
from hpcpy_mpiio.benchmark.options import Hint

if TYPE_CHECKING:
    from mpi4py import MPI

__all__ = ["bench"]

EPILOG = (
    f"Layouts: {', '.join(LAYOUTS)}. APIs: {', '.join(APIS)}. "
    "As IOR: contiguous is -b SIZE -s 1, strided is -b SIZE/N -s N with N segments; "
    "-t is --transfer, -c --api collective, -e --fsync, -C --reorder."
)


@click.command("bench", short_help="Measure bandwidth of a shared file.", epilog=EPILOG)
@click.option(
    "--size", type=Bytes(), default="16M", show_default=True, help="Of each rank in the file."
)
@click.option("--transfer", type=Bytes(), help="Bytes of one call; else all of --size in one.")
@click.option(
    "--segments",
    type=click.IntRange(min=1),
    default=64,
    show_default=True,
    help="In how many pieces a rank's bytes are; strided only.",
)
@click.option(
    "--layout",
    "layouts",
    type=Names("layout", LAYOUTS),
    default="all",
    show_default=True,
    help="Where the ranks' bytes are in the file.",
)
@click.option(
    "--api",
    "apis",
    type=Names("API", APIS),
    default="independent,collective",
    show_default=True,
    help="Which calls of MPI_File move them.",
)
@click.option("--hints", type=Hint(), multiple=True, help="For MPI_Info; may be given again.")
@click.option("--fsync", is_flag=True, help="End a write with MPI_File_sync, in its time.")
@click.option("--reorder", is_flag=True, help="Read what a rank of the next node wrote.")
@click.option(
    "--drop-cache/--keep-cache",
    "drop",
    default=True,
    show_default=True,
    help="Make the nodes forget the file before it is read.",
)
@click.option("--verify", is_flag=True, help="Check every item that was read, after its time.")
@click.option("--repeats", type=times(), default=5, show_default=True)
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=Path(),
    help="On the file system to measure; else the current one. The file is removed.",
)
@click.option("--json", "record", type=click.Path(path_type=Path), help="Write the figures here.")
@click.option("--plot", type=Picture(), help="Draw the bandwidths here.")
def bench(hints: tuple[tuple[str, str], ...], **options: Any) -> Work:  # noqa: ANN401 - click's options
    """Measure how fast the ranks write one file together, and read it.

    Each repeat writes a new file, reads and removes it, for all layouts and APIs in
    turn. Time is the slowest rank's from opening to closing; bandwidth is the file's
    bytes by that time. "cache" marks the speed of memory, not of a disk: a write without
    --fsync, or a read of what the node still holds.
    """

    def work(comm: "MPI.Intracomm") -> None:
        from hpcpy_mpiio.benchmark.run_bench import run_bench

        run_bench(comm, hints=dict(hints), **options)

    return work
