"""Give a dictionary of the root to every rank: bcast.

One rank reads the parameters of a run, all ranks get them. The others have
nothing to pass in: what they get is what `bcast` returns.
"""

from mpi4py import MPI

from hpcpy_core.device import Device
from hpcpy_core.examples import Result

__all__ = ["bcast_dictionary"]


def bcast_dictionary(comm: MPI.Intracomm, device: Device) -> Result:
    """Broadcast a dictionary from rank 0. Collective over comm.

    Parameters
    ----------
    comm
        Rank 0 is the root.
    device
        Not used: objects are pickled in host memory.

    Returns
    -------
    Result
        Correct where the dictionary is the root's.
    """
    root = 0
    parameters = None
    if comm.rank == root:
        parameters = {"title": "diffusion", "shape": (64, 64), "dt": 0.25}
    parameters = comm.bcast(parameters, root=root)

    expected = {"title": "diffusion", "shape": (64, 64), "dt": 0.25}
    return Result(
        lines=(f"has {parameters}",),
        correct=parameters == expected,
        expected=f"expected {expected}, got {parameters}",
    )
