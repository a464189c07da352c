"""Ping-pong: a message goes there and back again."""

from collections.abc import Callable

from mpi4py import MPI
from mpi4py.util import pkl5

from hpcpy_collectives.messages import Message
from hpcpy_collectives.operations import Api

__all__ = ["TAG", "ping_pong"]

TAG = 1


def ping_pong(
    comm: MPI.Intracomm,
    api: Api,
    peer: int,
    out: Message,
    into: Message,
    *,
    leads: bool,
) -> Callable[[], object]:
    """Return one round trip with `peer`, begun here if this rank `leads`. Local."""
    send: Callable[..., object]
    recv: Callable[..., object]
    if api == "buffer":
        send, recv = comm.Send, comm.Recv
    else:
        family = pkl5.Intracomm(comm) if api == "pickle5" else comm
        send, recv = family.send, family.recv

    def ping() -> object:
        send(out, peer, TAG)
        return recv(into, peer, TAG)

    def pong() -> object:
        returned = recv(into, peer, TAG)
        send(out, peer, TAG)
        return returned

    return ping if leads else pong
