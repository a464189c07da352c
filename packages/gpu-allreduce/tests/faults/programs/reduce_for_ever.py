"""Reduce until the job ends. Usage: reduce_for_ever.py FOLDER ALGORITHM

Each rank writes the number of its process into FOLDER once it is at work.
"""

import os
import sys
from pathlib import Path

import numpy as np
from mpi4py import MPI

from hpcpy_gpu_allreduce import Allreducer

COUNT = 100_000
TURNS = 20

folder, algorithm = Path(sys.argv[1]), sys.argv[2]
comm = MPI.COMM_WORLD
with Allreducer(COUNT, np.float32, comm, algorithm=algorithm) as reducer:
    turn = 0
    while True:
        reducer.reduce()
        turn += 1
        if turn == TURNS:
            written = folder / f"{comm.rank}.new"
            written.write_text(str(os.getpid()))
            written.rename(folder / f"{comm.rank}.pid")
