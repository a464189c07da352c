"""The command line of ``hpcpy-collectives``. Importing it does not start MPI."""

import click

from hpcpy_collectives import __version__
from hpcpy_collectives.bench import bench
from hpcpy_collectives.compare import compare
from hpcpy_collectives.examples import TOPICS
from hpcpy_collectives.model import model
from hpcpy_core.demo import demo_command

__all__ = ["collectives"]

demo = demo_command(TOPICS, "mpiexec -n 3 hpcpy-collectives demo ring_shift")


@click.group("hpcpy-collectives", commands=[demo, bench, compare, model], no_args_is_help=False)
@click.version_option(__version__)
def collectives() -> None:
    """Point-to-point and collective communication: taught, verified, benchmarked.

    Start it with this environment's mpiexec: mpiexec -n 4 hpcpy-collectives demo all.
    """
