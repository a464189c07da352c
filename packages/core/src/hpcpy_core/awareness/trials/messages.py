"""Messages between two ranks: plain, persistent, and of derived datatypes.

Every rank sends to the next one and to the one before, so each pair is tried in both
directions. Every trial takes n float64.
"""

import numpy as np
import numpy.typing as npt
from mpi4py import MPI

from hpcpy_core.awareness.device_block import MakeBlock
from hpcpy_core.awareness.trials.check import POISON, check, number_items, poison_items

__all__ = [
    "try_p2p",
    "try_persistent",
    "try_subarray",
    "try_to_itself",
    "try_vector",
]

MOST_ROWS = 256
"""A datatype with more pieces takes long: some MPI copies them one by one."""


def try_p2p(comm: MPI.Intracomm, make: MakeBlock, n: int) -> None:
    """Try Sendrecv, Isend, Irecv, Send and Recv around a ring. Collective over comm."""
    for step in (1, -1):
        _send_by_all_calls(comm, make, n, step)


def try_to_itself(comm: MPI.Intracomm, make: MakeBlock, n: int) -> None:
    """Try the same from each rank to itself. Local."""
    _send_by_all_calls(comm, make, n, 0)


def try_persistent(comm: MPI.Intracomm, make: MakeBlock, n: int) -> None:
    """Start the same requests twice, with other items each time. Collective over comm."""
    for step in (1, -1):
        after, before = (comm.rank + step) % comm.size, (comm.rank - step) % comm.size
        sendbuf, recvbuf = make(poison_items(n)), make(poison_items(n))
        requests = [comm.Recv_init(recvbuf, before), comm.Send_init(sendbuf, after)]
        for turn in range(2):
            sendbuf.set(number_items(comm.rank + turn, n))
            MPI.Prequest.Startall(requests)
            MPI.Request.Waitall(requests)
            check("Send_init, Recv_init", recvbuf, number_items(before + turn, n))
        for request in requests:
            request.Free()


def try_vector(comm: MPI.Intracomm, make: MakeBlock, n: int) -> None:
    """Send every second piece of an array. Collective over comm."""
    rows = min(n, MOST_ROWS)
    columns = n // rows
    sent = np.zeros((rows, 2 * columns), bool)
    sent[:, :columns] = True
    _exchange(comm, make, MPI.DOUBLE.Create_vector(rows, columns, 2 * columns), sent)


def try_subarray(comm: MPI.Intracomm, make: MakeBlock, n: int) -> None:
    """Send the inside of an array, without its rim. Collective over comm."""
    rows = min(n, MOST_ROWS)
    columns = n // rows
    sent = np.zeros((rows + 2, columns + 2), bool)
    sent[1:-1, 1:-1] = True
    subarray = MPI.DOUBLE.Create_subarray(sent.shape, (rows, columns), (1, 1))
    _exchange(comm, make, subarray, sent)


def _send_by_all_calls(comm: MPI.Intracomm, make: MakeBlock, n: int, step: int) -> None:
    """Send to the rank that is `step` further, by each call in turn."""
    after, before = (comm.rank + step) % comm.size, (comm.rank - step) % comm.size
    sent, right, empty = number_items(comm.rank, n), number_items(before, n), poison_items(n)
    sendbuf, recvbuf = make(sent), make(empty)
    comm.Sendrecv(sendbuf, after, recvbuf=recvbuf, source=before)
    check("Sendrecv", recvbuf, right)
    recvbuf.set(empty)
    MPI.Request.Waitall([comm.Irecv(recvbuf, before), comm.Isend(sendbuf, after)])
    check("Isend, Irecv", recvbuf, right)
    recvbuf.set(empty)
    request = comm.Irecv(recvbuf, before)
    comm.Send(sendbuf, after)
    request.Wait()
    check("Send", recvbuf, right)
    recvbuf.set(empty)
    request = comm.Isend(sendbuf, after)
    comm.Recv(recvbuf, before)
    request.Wait()
    check("Recv", recvbuf, right)
    check("what was sent", sendbuf, sent)


def _exchange(
    comm: MPI.Intracomm, make: MakeBlock, datatype: MPI.Datatype, sent: npt.NDArray[np.bool_]
) -> None:
    """Send what a datatype takes of an array to the same places of another one.

    Parameters
    ----------
    sent
        Which places these are. All others must stay as they were.
    """
    after, before = (comm.rank + 1) % comm.size, (comm.rank - 1) % comm.size
    sendbuf, recvbuf = make(number_items(comm.rank, sent.size)), make(poison_items(sent.size))
    datatype.Commit()
    comm.Sendrecv([sendbuf, 1, datatype], after, recvbuf=[recvbuf, 1, datatype], source=before)
    datatype.Free()
    right = np.where(sent.ravel(), number_items(before, sent.size), POISON)
    check("Sendrecv of a datatype", recvbuf, right)
