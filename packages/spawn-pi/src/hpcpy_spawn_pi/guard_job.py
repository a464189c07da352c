"""The guards of all ranks of a job, of which one speaks."""

from mpi4py import MPI

from hpcpy_spawn_pi.guard import Guard, end_job

__all__ = ["guard_job"]


def guard_job(comm: MPI.Intracomm, timeout: float, advice: str = "") -> Guard:
    """Return this rank's guard. Local, but for all ranks that wait together.

    Parameters
    ----------
    comm
        Rank 0 tells of what is lost or late, and ends the job; the others leave it to
        it. Workers are watched by the rank that starts them.
    timeout, advice
        As of `Guard`.
    """
    return Guard(timeout, advice=advice, lose=end_job if comm.rank == 0 else _leave_it)


def _leave_it(message: str) -> None:
    """Leave it to rank 0 to speak and to end the job."""
