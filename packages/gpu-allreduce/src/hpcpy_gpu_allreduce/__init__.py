"""Allreduce of NumPy and CuPy arrays: many algorithms, verified, tuned, benchmarked."""

from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hpcpy_gpu_allreduce.allreducer import Allreducer
    from hpcpy_gpu_allreduce.reduce_once import allreduce
else:
    from hpcpy_core.lazy import lazy_attributes

    # The commands' --help must not start MPI.
    __getattr__ = lazy_attributes(
        __name__, {"Allreducer": "allreducer", "allreduce": "reduce_once"}
    )

__version__ = version("hpcpy-gpu-allreduce")
__all__ = ["Allreducer", "__version__", "allreduce"]
