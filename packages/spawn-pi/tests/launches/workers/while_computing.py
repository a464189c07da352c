"""A worker that starts as it should, and then does something else than to compute."""

from mpi4py import MPI

from hpcpy_spawn_pi import worker


def do(fault):
    """Let every worker but the first do its share; the first calls `fault` instead."""
    worker.prepare_worker = lambda comm, kernel: None
    if MPI.COMM_WORLD.rank == 0:
        worker.sum_share = lambda *given: fault() or 0
    else:
        worker.sum_share = lambda *given: 0
    worker.work(MPI.COMM_WORLD, MPI.Comm.Get_parent(), "none")
