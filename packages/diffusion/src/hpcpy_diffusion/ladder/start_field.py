"""The whole field at the start of a problem, in one process."""

import numpy as np
from mpi4py import MPI

from hpcpy_core.decomposition import Decomposition
from hpcpy_diffusion.initial import fill_initial
from hpcpy_diffusion.kernels import Field
from hpcpy_diffusion.parameters import Parameters

__all__ = ["start_field"]


def start_field(parameters: Parameters) -> Field:
    """Return it, boundary included, shape (n+2, n+2), of the parameters' dtype. Local.

    Raises
    ------
    InputError
        For an initial condition that cannot work.
    """
    field = np.zeros(parameters.shape, dtype=parameters.dtype)
    whole = Decomposition(shape=parameters.shape, dims=(1, 1), boundary=1)
    fill_initial(field, parameters, whole, MPI.COMM_SELF)
    return field
