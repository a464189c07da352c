"""Say hello from every rank: rank, size, host and library.

An MPI program is one program that runs many times at once. All that tells one
process from another is its rank in a communicator.
"""

from mpi4py import MPI

from hpcpy_core.device import Device
from hpcpy_core.examples import Result
from hpcpy_core.selection import library_name

__all__ = ["hello"]


def hello(comm: MPI.Intracomm, device: Device) -> Result:
    """Introduce every rank. Collective over comm.

    Parameters
    ----------
    comm
        All of its ranks say hello.
    device
        Named in the greeting.

    Returns
    -------
    Result
        Correct where the ranks are numbered 0 to size - 1, each number once.
    """
    host = MPI.Get_processor_name()
    greeting = f"hello from {comm.rank} of {comm.size} on {host} ({device.kind}), {library_name()}"

    ranks = comm.allgather(comm.rank)
    numbered = list(range(comm.size))
    return Result(
        lines=(greeting,),
        correct=ranks == numbered,
        expected=f"expected the ranks {numbered}, got {ranks}",
    )
