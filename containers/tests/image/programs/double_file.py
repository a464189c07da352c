"""Read a square .npy file in parallel, and write twice its values: double_file.py IN OUT SIDE."""

import sys

from hpcpy_core.decomposition import Decomposition
from hpcpy_core.launch import import_mpi

comm = import_mpi().COMM_WORLD

import hpcpy_mpiio  # noqa: E402 - after the launch is checked

source, target, side = sys.argv[1:]
decomposition = Decomposition(shape=(int(side), int(side)), dims=(comm.size, 1))
block = hpcpy_mpiio.load(source, decomposition, comm)
hpcpy_mpiio.save(target, 2 * block, decomposition, comm)
