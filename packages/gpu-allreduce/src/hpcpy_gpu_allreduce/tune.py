"""``tune``: measure which algorithm is the fastest from which size on, and keep it for ``auto``.

Importing it does not start MPI.
"""

from typing import TYPE_CHECKING, Any

import click

from hpcpy_core.cli import Work, device_options
from hpcpy_core.options import times
from hpcpy_gpu_allreduce.options import ALGORITHM_NAMES, Sizes

if TYPE_CHECKING:
    from mpi4py import MPI

__all__ = ["tune"]


@click.command("tune", short_help="Find the fastest algorithms, for auto.")
@click.option(
    "--sizes",
    type=Sizes(),
    default="64:16M",
    show_default=True,
    help="Bytes of each rank's array, in steps of 4.",
)
@click.option("--algorithms", type=ALGORITHM_NAMES, default="all", show_default=True)
@click.option("--repeats", type=times(), default=15, show_default=True)
@device_options
def tune(**options: Any) -> Work:  # noqa: ANN401 - click's options
    """Measure sums of float32, and store which algorithm is the fastest up to which size.

    The file is in the user's cache, one for each MPI library, number of ranks and nodes, device
    and transport; --algorithm auto reads it from then on.
    """

    def work(comm: "MPI.Intracomm") -> None:
        from hpcpy_gpu_allreduce.run_tune import run_tune

        run_tune(comm, **options)

    return work
