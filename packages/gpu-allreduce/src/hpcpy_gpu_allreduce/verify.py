"""``verify``: every algorithm against a reference, for all dtypes, operations and sizes.

Importing it does not start MPI.
"""

from typing import TYPE_CHECKING, Any

import click

from hpcpy_core.cli import Work, device_options
from hpcpy_gpu_allreduce.options import ALGORITHM_NAMES, DTYPE_NAMES, OP_NAMES, Counts

if TYPE_CHECKING:
    from mpi4py import MPI

__all__ = ["verify"]


@click.command("verify", short_help="Check every algorithm against a reference.")
@click.option(
    "--algorithms",
    type=ALGORITHM_NAMES,
    default="all",
    show_default=True,
    help="Those that are not possible here are named with the reason.",
)
@click.option("--dtypes", type=DTYPE_NAMES, default="all", show_default=True)
@click.option("--ops", type=OP_NAMES, default="all", show_default=True)
@click.option(
    "--counts",
    type=Counts(),
    default="0,1,3,1000,100003",
    show_default=True,
    help="Numbers of items.",
)
@device_options
def verify(**options: Any) -> Work:  # noqa: ANN401 - click's options
    """Compare each algorithm's results with a float64 reference and a stated bound.

    Each case runs with separate arrays, in place, and with the buffers of an Allreducer; what is
    sent must still be there, and all ranks must have the same bits.
    """

    def work(comm: "MPI.Intracomm") -> None:
        from hpcpy_gpu_allreduce.run_verify import run_verify

        run_verify(comm, **options)

    return work
