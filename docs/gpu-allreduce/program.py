"""Sum arrays of all ranks: once, and in a loop."""

import numpy as np
from mpi4py import MPI

from hpcpy_gpu_allreduce import Allreducer, allreduce

comm = MPI.COMM_WORLD

total = allreduce(np.full(4, comm.rank + 1.0), comm=comm)

gradient = np.zeros(1000, np.float32)
with Allreducer(gradient.shape, gradient.dtype, comm, algorithm="ring") as reducer:
    for step in range(100):
        gradient[:] = step + comm.rank
        mean = reducer.reduce(gradient) / comm.size

if comm.rank == 0:
    print("once:", total, "last of the loop:", mean[0])  # noqa: T201 - the page shows it
