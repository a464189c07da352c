"""What happens if one rank passes an array of another shape."""

import numpy as np
from mpi4py import MPI

from hpcpy_core.errors import InputError
from hpcpy_gpu_allreduce import allreduce

comm = MPI.COMM_WORLD
mine = np.zeros(4 if comm.rank == 1 else 3)
try:
    allreduce(mine, comm=comm)
except InputError as error:  # on all ranks
    if comm.rank == 0:
        print(error)  # noqa: T201 - the page shows it
