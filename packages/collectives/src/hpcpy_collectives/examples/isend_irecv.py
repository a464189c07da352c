"""Exchange objects between pairs of ranks without blocking: isend and irecv.

Both calls return a request at once, so both ranks of a pair may send first.
What was sent or received is only settled when the request has been waited for.
"""

from mpi4py import MPI

from hpcpy_core.device import Device
from hpcpy_core.examples import Result

__all__ = ["isend_irecv"]


def isend_irecv(comm: MPI.Intracomm, device: Device) -> Result:
    """Exchange a dictionary between the ranks of every pair. Collective over comm.

    Parameters
    ----------
    comm
        Ranks 0 and 1, 2 and 3 and so on are pairs; a last rank without a
        partner sits out.
    device
        Not used: objects are pickled in host memory.

    Returns
    -------
    Result
        Correct where the dictionary is the partner's.
    """
    partner = comm.rank ^ 1
    if partner >= comm.size:
        return Result(lines=("has no partner and sits out",), correct=True)

    message = {"rank": comm.rank, "squares": [comm.rank**2, (comm.rank + 1) ** 2]}
    sending = comm.isend(message, dest=partner)
    receiving = comm.irecv(source=partner)
    # Work that needs neither message goes here.
    received = receiving.wait()
    sending.wait()

    expected = {"rank": partner, "squares": [partner**2, (partner + 1) ** 2]}
    return Result(
        lines=(f"received {received}",),
        correct=received == expected,
        expected=f"expected {expected}, got {received}",
    )
