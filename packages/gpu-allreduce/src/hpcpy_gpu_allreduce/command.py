"""The command line of ``hpcpy-gpu-allreduce``. Importing it does not start MPI."""

import click

from hpcpy_gpu_allreduce import __version__
from hpcpy_gpu_allreduce.bench import bench
from hpcpy_gpu_allreduce.train import train
from hpcpy_gpu_allreduce.tune import tune
from hpcpy_gpu_allreduce.verify import verify

__all__ = ["gpu_allreduce"]


@click.group("hpcpy-gpu-allreduce", commands=[verify, bench, tune, train], no_args_is_help=False)
@click.version_option(__version__)
def gpu_allreduce() -> None:
    """Allreduce of NumPy and CuPy arrays: many algorithms, verified, tuned, benchmarked.

    Start it with this environment's mpiexec: mpiexec -n 4 hpcpy-gpu-allreduce verify.
    """
