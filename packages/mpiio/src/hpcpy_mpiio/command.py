"""The command line of ``hpcpy-mpiio``. Importing it does not start MPI."""

import click

from hpcpy_core.demo import demo_command
from hpcpy_mpiio import __version__
from hpcpy_mpiio.benchmark.bench import bench
from hpcpy_mpiio.examples import TOPICS
from hpcpy_mpiio.info import info
from hpcpy_mpiio.sidecar.command import xdmf

__all__ = ["ALONE", "mpiio"]

ALONE = (info, xdmf)
"""Commands of one process, which need no MPI."""

demo = demo_command(TOPICS, "mpiexec -n 4 hpcpy-mpiio demo contiguous")


@click.group("hpcpy-mpiio", commands=[*ALONE, demo, bench], no_args_is_help=False)
@click.version_option(__version__)
def mpiio() -> None:
    """Parallel .npy files: look at one, run examples of MPI-IO, measure what it does here.

    Start demo and bench with this environment's mpiexec: mpiexec -n 4 hpcpy-mpiio demo all.
    """
