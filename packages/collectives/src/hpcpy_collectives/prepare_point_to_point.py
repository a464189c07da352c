"""The point-to-point operations: who exchanges what with whom, and what must arrive."""

from functools import partial

import numpy as np
from mpi4py import MPI
from mpi4py.util import pkl5

from hpcpy_collectives.buffers import make_buffer
from hpcpy_collectives.messages import message
from hpcpy_collectives.moving import moving
from hpcpy_collectives.operations import Api, Operation, Prepared
from hpcpy_collectives.patterns import UNRECEIVED, Mismatch, bytes_of, find_mismatch
from hpcpy_collectives.ping_pong import TAG, ping_pong
from hpcpy_collectives.windows import buffer_windows, pickled_windows
from hpcpy_core.device import Device

__all__ = ["find_partner", "prepare_point_to_point"]


def find_partner(operation: Operation, rank: int, ranks: int) -> int | None:
    """Return the rank that this one exchanges messages with, or None if it is idle. Local."""
    pairs = ranks // 2 if operation.kind == "multi-latency" else 1
    if rank >= 2 * pairs:
        return None
    return rank + pairs if rank < pairs else rank - pairs


def prepare_point_to_point(
    operation: Operation, comm: MPI.Intracomm, size: int, api: Api, device: Device
) -> Prepared:
    """Allocate buffers of `size` bytes, and bind the methods that move them. Local."""
    peer = find_partner(operation, comm.rank, comm.size)
    if peer is None:
        return Prepared(call=None, check=lambda _: None, timed=False)
    leads = comm.rank < peer
    sent = make_buffer(bytes_of(comm.rank, 0, size), device)
    received = make_buffer(np.full(size, UNRECEIVED, dtype=np.uint8), device)
    both = operation.kind == "bidirectional"
    receives = True
    if operation.is_rate:
        receives = both or not leads
        if api == "buffer":
            call = buffer_windows(
                comm, peer, sent, received, device.transport, leads=leads, both=both
            )
        else:
            call = pickled_windows(comm, api, peer, sent, leads=leads, both=both)
    elif api == "buffer":
        out, into = (device.transport.attach(each, "p2p") for each in (sent, received))
        send = moving(partial(comm.Send, message(out.message), peer, TAG), sent=out)
        recv = moving(partial(comm.Recv, message(into.message), peer, TAG), received=into)
        call = ping_pong(send, recv, leads=leads)
    else:
        family = pkl5.Intracomm(comm) if api == "pickle5" else comm
        call = ping_pong(
            partial(family.send, sent, peer, TAG),
            partial(family.recv, None, peer, TAG),
            leads=leads,
        )

    def check(returned: object) -> Mismatch | None:
        if not receives:
            return None
        found = device.to_host(received) if api == "buffer" else np.asarray(returned)
        return find_mismatch(found, bytes_of(peer, 0, size))

    timed = leads if operation.kind != "multi-latency" else True
    return Prepared(call=call, check=check, timed=timed)
