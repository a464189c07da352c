"""A child of `spawn_and_merge`: it joins its parents."""

import numpy as np
from mpi4py import MPI

if __name__ == "__main__":
    parent = MPI.Comm.Get_parent()
    everyone = parent.Merge(high=True)
    everyone.Allreduce(np.array([everyone.rank]), np.empty(1, dtype=np.int64), op=MPI.SUM)
    everyone.Free()
    parent.Disconnect()
