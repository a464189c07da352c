"""``bench``: time of every algorithm at every size, in nccl-tests' terms, beside a copy's.

Importing it does not start MPI.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hpcpy_core.cli import Work, device_options
from hpcpy_core.options import Picture, times
from hpcpy_gpu_allreduce.names import DTYPES, UFUNCS
from hpcpy_gpu_allreduce.options import ALGORITHM_NAMES, Sizes

if TYPE_CHECKING:
    from mpi4py import MPI

__all__ = ["bench"]


@click.command("bench", short_help="Measure time and bandwidth of every algorithm.")
@click.option(
    "--sizes",
    type=Sizes(),
    default="4:16M",
    show_default=True,
    help="Bytes of each rank's array, in steps of 4.",
)
@click.option("--algorithms", type=ALGORITHM_NAMES, default="all", show_default=True)
@click.option("--dtype", type=click.Choice(DTYPES), default="float32", show_default=True)
@click.option("--op", type=click.Choice(list(UFUNCS)), default="sum", show_default=True)
@click.option("--repeats", type=times(), default=15, show_default=True)
@click.option("--json", type=click.Path(path_type=Path), help="Write the report here.")
@click.option("--plot", type=Picture(), help="Draw bandwidth against size here.")
@device_options
def bench(**options: Any) -> Work:  # noqa: ANN401 - click's options
    """Measure all algorithms in turn: the median over blocks of calls of the slowest rank.

    As in nccl-tests: for arrays of S bytes on n ranks, algbw is S/t and busbw is
    2 (n-1)/n S/t. "of copy" is algbw beside the bandwidth of a copy of S bytes that all ranks
    make at the same time, measured in turn with the algorithms.
    """

    def work(comm: "MPI.Intracomm") -> None:
        from hpcpy_gpu_allreduce.run_bench import run_bench

        run_bench(comm, **options)

    return work
