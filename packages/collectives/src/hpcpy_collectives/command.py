"""The command line of ``hpcpy-collectives``. Importing it does not start MPI."""

import click

from hpcpy_collectives import __version__
from hpcpy_collectives.bench import bench
from hpcpy_collectives.compare import compare
from hpcpy_collectives.demo import demo
from hpcpy_collectives.model import model

__all__ = ["collectives"]


@click.group("hpcpy-collectives", commands=[demo, bench, compare, model], no_args_is_help=False)
@click.version_option(__version__)
def collectives() -> None:
    """Point-to-point and collective communication: taught, verified, benchmarked.

    Start it with this environment's mpiexec: mpiexec -n 4 hpcpy-collectives demo all.
    """
