"""Windows of 64 messages in flight: what bandwidth is measured with."""

from collections.abc import Callable
from functools import partial

import numpy as np
from mpi4py import MPI
from mpi4py.util import pkl5

from hpcpy_collectives.messages import message
from hpcpy_collectives.moving import moving
from hpcpy_collectives.operations import WINDOW, Api
from hpcpy_collectives.patterns import Array
from hpcpy_core.transport import Transport

__all__ = ["buffer_windows", "pickled_windows"]

TAG = 1
ANSWER_TAG = 2


def buffer_windows(
    comm: MPI.Intracomm,
    peer: int,
    sent: Array,
    received: Array,
    transport: Transport,
    *,
    leads: bool,
    both: bool,
) -> Callable[[], object]:
    """Return one window of upper-case messages, and its answer if they go one way. Local.

    As in OSU, all messages of a window are received into the same array. A staged
    one has a staging buffer for each message in flight.

    Parameters
    ----------
    comm, peer
        The other rank of the pair, in this communicator.
    sent, received
        What is sent, and where it is received.
    transport
        How they reach MPI.
    leads
        Whether this rank is the one that sends where they go one way.
    both
        Whether both ranks send.
    """
    wait = MPI.Request.Waitall
    send_answer, recv_answer = _answers(comm, peer)
    outs, intos = (
        [transport.attach(array, "p2p") for _ in range(WINDOW)] for array in (sent, received)
    )
    start_sends = [
        moving(partial(comm.Isend, message(out.message), peer, TAG), sent=out) for out in outs
    ]
    start_recvs = [partial(comm.Irecv, message(into.message), peer, TAG) for into in intos]
    fetches = [] if transport.name == "host" else [into.from_mpi for into in intos]

    def send_window() -> None:
        wait([start() for start in start_sends])
        recv_answer()

    def recv_window() -> None:
        wait([start() for start in start_recvs])
        for fetch in fetches:
            fetch()
        send_answer()

    def exchange_windows() -> None:
        coming = [start() for start in start_recvs]
        wait([start() for start in start_sends])
        wait(coming)
        for fetch in fetches:
            fetch()

    if both:
        return exchange_windows
    return send_window if leads else recv_window


def pickled_windows(
    comm: MPI.Intracomm, api: Api, peer: int, sent: Array, *, leads: bool, both: bool
) -> Callable[[], object]:
    """Return one window of lower-case messages, as `buffer_windows` does. Local.

    They are received one after the other: irecv would have to know their length
    before. The call returns the last one.
    """
    family = pkl5.Intracomm(comm) if api == "pickle5" else comm
    start_send = partial(family.isend, sent, peer, TAG)
    recv = partial(family.recv, None, peer, TAG)
    send_answer, recv_answer = _answers(comm, peer)
    turns = range(WINDOW)

    def recv_all() -> object:
        for _ in turns:
            received: object = recv()
        return received

    def send_window() -> None:
        going = [start_send() for _ in turns]
        for request in going:
            request.wait()
        recv_answer()

    def recv_window() -> object:
        received = recv_all()
        send_answer()
        return received

    def exchange_windows() -> object:
        going = [start_send() for _ in turns]
        received = recv_all()
        for request in going:
            request.wait()
        return received

    if both:
        return exchange_windows
    return send_window if leads else recv_window


def _answers(comm: MPI.Intracomm, peer: int) -> tuple[Callable[[], object], Callable[[], object]]:
    """Return how the receiver tells the sender that a window has arrived, on both sides."""
    answer = message(np.zeros(4, dtype=np.uint8))
    return partial(comm.Send, answer, peer, ANSWER_TAG), partial(
        comm.Recv, answer, peer, ANSWER_TAG
    )
