"""A child of `spawn_multiple`: it tells its program's number and the length of its word."""

import sys

import numpy as np
from mpi4py import MPI

if __name__ == "__main__":
    parent = MPI.Comm.Get_parent()
    number = MPI.COMM_WORLD.Get_attr(MPI.APPNUM)
    parent.Gather(np.array([number, len(sys.argv[1])]), None, root=0)
    parent.Disconnect()
