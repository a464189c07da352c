"""Collect one object of every rank in a list on every rank: allgather.

Like gather without a root: the way to let all ranks know something small about
each other, such as how much work each has.
"""

from mpi4py import MPI

from hpcpy_core.device import Device
from hpcpy_core.examples import Result

__all__ = ["allgather_objects"]


def allgather_objects(comm: MPI.Intracomm, device: Device) -> Result:
    """Let every rank know how many items each rank has. Collective over comm.

    Parameters
    ----------
    comm
        All of its ranks give and get.
    device
        Not used: objects are pickled in host memory.

    Returns
    -------
    Result
        Correct where the list has every rank's number in rank order.
    """
    items = 100 + comm.rank
    everyone = comm.allgather(items)
    before = sum(everyone[: comm.rank])

    expected = list(range(100, 100 + comm.size))
    return Result(
        lines=(
            f"has {items} of {sum(everyone)} items",
            f"{before} items are on lower ranks",
        ),
        correct=everyone == expected,
        expected=f"expected {expected}, got {everyone}",
    )
