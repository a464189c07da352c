"""A worker: find the parent, learn N, compute a share, hand in the sum, leave.

    python -m hpcpy_spawn_pi.worker KERNEL

`manager.compute_by_spawn` starts it. On the workers' side of the intercommunicator the
parent's rank 0 is `root=0`; on the parent's side rank 0 names itself MPI.ROOT.
"""

import sys

import numpy as np
from mpi4py import MPI

from hpcpy_core.waiting import wait_asleep
from hpcpy_spawn_pi.exact_sum import to_limbs
from hpcpy_spawn_pi.prepare_worker import prepare_worker
from hpcpy_spawn_pi.share import sum_share

__all__ = ["work"]


def work(comm: MPI.Intracomm, parent: MPI.Intercomm, kernel: str) -> None:
    """Do a worker's part. Collective over `parent`.

    Parameters
    ----------
    comm
        The workers.
    parent
        Its remote group are the parents, its local group the workers.
    kernel
        What to compute with.
    """
    prepare_worker(comm, kernel)
    parent.Ibarrier().Wait()  # all are there, and have compiled

    intervals = np.empty(1, dtype=np.int64)
    parent.Bcast(intervals, root=0)
    total = sum_share(kernel, int(intervals[0]), comm.rank, comm.size)
    wait_asleep(parent.Ibarrier())  # the parents sleep, too, so that the slowest has its core

    parent.Reduce(to_limbs(total), None, op=MPI.SUM, root=0)
    parent.Disconnect()


if __name__ == "__main__":
    intercommunicator = MPI.Comm.Get_parent()
    if intercommunicator == MPI.COMM_NULL:
        sys.exit("error: this is a worker, for MPI_Comm_spawn: start hpcpy-spawn-pi run instead")
    work(MPI.COMM_WORLD, intercommunicator, sys.argv[1])
