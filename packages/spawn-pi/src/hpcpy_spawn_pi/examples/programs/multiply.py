"""A child of `spawn_workers`: it multiplies what the parents send by its rank plus one."""

import numpy as np
from mpi4py import MPI

if __name__ == "__main__":
    parent = MPI.Comm.Get_parent()
    number = np.empty(1, dtype=np.int64)
    parent.Bcast(number, root=0)
    parent.Reduce(number * (parent.rank + 1), None, op=MPI.SUM, root=0)
    parent.Disconnect()
