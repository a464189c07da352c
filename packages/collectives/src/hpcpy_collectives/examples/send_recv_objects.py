"""Send Python objects between pairs of ranks: send and recv.

Lower-case methods pickle: any object travels, at the price of a copy. Both
calls block, so one rank of a pair must send first while the other receives.
"""

from mpi4py import MPI

from hpcpy_core.device import Device
from hpcpy_core.examples import Result

__all__ = ["send_recv_objects"]


def send_recv_objects(comm: MPI.Intracomm, device: Device) -> Result:
    """Send a dictionary to the partner and get one back. Collective over comm.

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
        Correct where the dictionary came from the partner.
    """
    partner = comm.rank ^ 1
    if partner >= comm.size:
        return Result(lines=("has no partner and sits out",), correct=True)

    message = {"from": comm.rank, "primes": [2, 3, 5], "z": 1 + 2j}
    if comm.rank < partner:
        comm.send(message, dest=partner, tag=11)
        received = comm.recv(source=partner, tag=12)
    else:
        received = comm.recv(source=partner, tag=11)
        comm.send(message, dest=partner, tag=12)

    expected = {"from": partner, "primes": [2, 3, 5], "z": 1 + 2j}
    return Result(
        lines=(f"received {received}",),
        correct=received == expected,
        expected=f"expected {expected}, got {received}",
    )
