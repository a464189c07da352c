"""Receive pickled objects into memory that is allocated once: irecv with buf.

A recv asks how long the message is and allocates that much. An irecv cannot
know: it has room for 32 KiB unless it is given a buffer, and a longer message is
an error at best: under Open MPI 5.0 it overwrites memory. The buffer must hold
the longest message in its pickled form; a loop uses the same one in every turn.
(The argument of the same name of the blocking recv is deprecated since mpi4py 3.0.)
"""

import pickle

from mpi4py import MPI

from hpcpy_core.device import Device
from hpcpy_core.examples import Result

__all__ = ["recv_into_buffer"]

TURNS = 3


def recv_into_buffer(comm: MPI.Intracomm, device: Device) -> Result:
    """Receive long lists of the left neighbour into one buffer. Collective over comm.

    Parameters
    ----------
    comm
        Its ranks form a ring; a single rank is its own neighbour.
    device
        Not used: objects are pickled in host memory.

    Returns
    -------
    Result
        Correct where every turn brought the left neighbour's list.
    """
    left = (comm.rank - 1) % comm.size
    right = (comm.rank + 1) % comm.size
    buffer = bytearray(len(pickle.dumps(make_list(comm.size, TURNS))))

    correct = []
    for turn in range(TURNS):
        receiving = comm.irecv(buffer, source=left)
        sending = comm.isend(make_list(comm.rank, turn), dest=right)
        received = receiving.wait()
        sending.wait()
        correct.append(received == make_list(left, turn))

    return Result(
        lines=(f"received {TURNS} lists from {left} into the same {len(buffer)} bytes",),
        correct=all(correct),
        expected=f"expected the lists of {left} in every turn, got them in {correct}",
    )


def make_list(rank: int, turn: int) -> list[int]:
    """Return what `rank` sends in a turn: some 100 KB when pickled. Local."""
    return [1000 * (rank + 1) + turn] * 40_000
