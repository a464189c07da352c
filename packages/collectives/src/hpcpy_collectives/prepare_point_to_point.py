"""The point-to-point operations: who exchanges what with whom, and what must arrive."""

import numpy as np
from mpi4py import MPI

from hpcpy_collectives.arrays import array_namespace
from hpcpy_collectives.messages import message
from hpcpy_collectives.operations import Api, Operation, Prepared
from hpcpy_collectives.patterns import UNRECEIVED, Array, Mismatch, bytes_of, find_mismatch
from hpcpy_collectives.ping_pong import ping_pong
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
    """Allocate buffers of `size` bytes, and bind the methods that move them. Local.

    As in OSU, all messages of a window are received into the same buffer.
    """
    peer = find_partner(operation, comm.rank, comm.size)
    if peer is None:
        return Prepared(call=None, check=lambda _: None, timed=False)
    xp = array_namespace(device)
    leads = comm.rank < peer
    sent = xp.asarray(bytes_of(comm.rank, 0, size))
    received = xp.full(size, UNRECEIVED, dtype=np.uint8)
    out, into = (message(sent), message(received)) if api == "buffer" else (sent, None)
    if operation.is_rate:
        both = operation.kind == "bidirectional"
        if api == "buffer":
            call = buffer_windows(comm, peer, out, into, leads=leads, both=both)
        else:
            call = pickled_windows(comm, api, peer, sent, leads=leads, both=both)
        receives = both or not leads
    else:
        call = ping_pong(comm, api, peer, out, into, leads=leads)
        receives = True

    def check(returned: object) -> Mismatch | None:
        if not receives:
            return None
        found: Array = np.asarray(received if api == "buffer" else returned)
        return find_mismatch(found, bytes_of(peer, 0, size))

    timed = leads if operation.kind != "multi-latency" else True
    return Prepared(call=call, check=check, timed=timed)
