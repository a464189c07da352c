"""How many cores each rank has for its threads."""

import os

from mpi4py import MPI

__all__ = ["count_cores"]


def count_cores(comm: MPI.Intracomm) -> int:
    """Return the threads that every rank can have with a core for each. Collective over comm.

    Launchers bind ranks to cores of their own, or leave all cores of a node to all of them.
    """
    own = MPI.Get_processor_name(), sorted(os.sched_getaffinity(0))
    everybodys = comm.allgather(own)
    return max(1, min(len(cores) // everybodys.count((host, cores)) for host, cores in everybodys))
