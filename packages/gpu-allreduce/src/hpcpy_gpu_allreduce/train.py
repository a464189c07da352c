"""``train``: data-parallel linear regression, an application of allreduce.

Importing it does not start MPI.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hpcpy_core.cli import Work, device_options
from hpcpy_core.options import Picture, times
from hpcpy_gpu_allreduce.registry import ALGORITHMS, AUTO

if TYPE_CHECKING:
    from mpi4py import MPI

__all__ = ["train"]


@click.command("train", short_help="Learn a linear regression, data-parallel.")
@click.option("--rows", type=click.IntRange(min=1), default=10_000, show_default=True)
@click.option("--features", type=click.IntRange(min=1), default=32, show_default=True)
@click.option("--steps", type=times(), default=100, show_default=True)
@click.option("--rate", type=float, default=0.1, show_default=True, help="Of learning.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True)
@click.option(
    "--algorithm",
    type=click.Choice([AUTO, *ALGORITHMS]),
    default=AUTO,
    show_default=True,
    help="Of the allreduce.",
)
@click.option("--json", type=click.Path(path_type=Path), help="Write the report here.")
@click.option("--plot", type=Picture(), help="Draw the loss against the step here.")
@device_options
def train(**options: Any) -> Work:  # noqa: ANN401 - click's options
    """Learn the weights of a linear regression by gradient descent.

    The rows are divided between the ranks; one allreduce a step adds up gradient and loss. The
    loss is the same, to 10 digits and more, for any number of ranks and every algorithm.
    """

    def work(comm: "MPI.Intracomm") -> None:
        from hpcpy_gpu_allreduce.run_train import run_train

        run_train(comm, **options)

    return work
