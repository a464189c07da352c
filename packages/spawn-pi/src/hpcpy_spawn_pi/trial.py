"""The smallest program that spawns: it starts workers, and parts from them.

    mpiexec -n 1 python -m hpcpy_spawn_pi.trial WORKERS

With no guard, no shield and no look around: what it does is what MPI_Comm_spawn does
here. So it may abort or hang, and is run as an expendable job.
"""

import sys

from mpi4py import MPI

__all__ = ["try_it"]


def try_it(comm: MPI.Intracomm, workers: int) -> None:
    """Spawn processes that run this module, and part from them. Collective over comm."""
    argv = ["-P", "-m", "hpcpy_spawn_pi.trial"]
    children = comm.Spawn(sys.executable, argv, maxprocs=workers)
    children.Barrier()
    started = children.Get_remote_size()
    children.Disconnect()
    if comm.rank == 0:
        sys.stdout.write(f"spawned {started}\n")


if __name__ == "__main__":
    parent = MPI.Comm.Get_parent()
    if parent == MPI.COMM_NULL:
        try_it(MPI.COMM_WORLD, int(sys.argv[1]))
    else:
        parent.Barrier()
        parent.Disconnect()
