"""Give every rank its own object from every rank: alltoall.

Item j of rank i becomes item i of rank j: the transpose of a matrix whose rows
are the ranks' lists.
"""

from mpi4py import MPI

from hpcpy_core.device import Device
from hpcpy_core.examples import Result

__all__ = ["alltoall_objects"]


def alltoall_objects(comm: MPI.Intracomm, device: Device) -> Result:
    """Send a letter from every rank to every rank. Collective over comm.

    Parameters
    ----------
    comm
        All of its ranks write to all, themselves included.
    device
        Not used: objects are pickled in host memory.

    Returns
    -------
    Result
        Correct where the letters are addressed to this rank, one from each.
    """
    letters = [f"{comm.rank} to {dest}" for dest in range(comm.size)]
    received = comm.alltoall(letters)

    expected = [f"{source} to {comm.rank}" for source in range(comm.size)]
    return Result(
        lines=(
            f"sent {', '.join(letters)}",
            f"received {', '.join(received)}",
        ),
        correct=received == expected,
        expected=f"expected {expected}, got {received}",
    )
