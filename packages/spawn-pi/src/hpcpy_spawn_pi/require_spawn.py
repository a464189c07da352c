"""Refuse to spawn where it cannot work, before MPI is asked."""

from mpi4py import MPI

from hpcpy_core.agreement import agreed
from hpcpy_core.errors import InputError
from hpcpy_spawn_pi.situation import look_around

__all__ = ["require_spawn"]


def require_spawn(comm: MPI.Intracomm, processes: int) -> None:
    """Check what can be seen of whether new processes may be started. Collective over comm.

    Raises
    ------
    InputError
        On every rank, if they cannot.
    """
    with agreed(comm):
        if comm.rank == 0:
            obstacle = look_around(comm).find_obstacle(processes)
            if obstacle is not None:
                raise InputError(f"no processes can be spawned here: {obstacle}")
