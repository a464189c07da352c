"""Collective calls on device arrays through host memory, while the device copies.

As in `staged_messages`, what is longer than one chunk goes in chunks: MPI has one
while the device copies the next one from, or the one before to, its memory.
"""

import numpy as np
from mpi4py import MPI

from hpcpy_core.copy_lane import CHUNK, in_chunks, take_lane
from hpcpy_core.device_memory import DeviceMemory
from hpcpy_core.errors import InputError

__all__ = ["allreduce", "bcast"]


def bcast(comm: MPI.Intracomm, memory: DeviceMemory, root: int) -> None:
    """Broadcast device memory. Collective over comm.

    The root tells its length while its device copies the first chunk, which takes
    longer. A rank that has another length takes part, and refuses the message then.

    Raises
    ------
    InputError
        If the memory is not as long as the root's, and then left as it is.
    """
    length = np.array([memory.nbytes])
    with take_lane(memory) as lane:
        if comm.rank == root:
            lane.copy_out(0, in_chunks(memory.nbytes)[0])
        comm.Bcast(length, root)
        fits, chunks = length[0] == memory.nbytes, in_chunks(int(length[0]))
        for k, (start, size) in enumerate(chunks):
            lane.wait(k)  # the root has copied it; of the others, chunk k - 2 has left its memory
            if comm.rank == root and k + 1 < len(chunks):
                lane.copy_out(k + 1, chunks[k + 1])
            comm.Bcast([lane.message(k, size), MPI.BYTE], root)
            if comm.rank != root and fits:
                lane.copy_in(k, (start, size))
        for k in range(2):
            lane.wait(k)
    if not fits:
        raise InputError(
            f"rank {root} broadcasts {length[0]} B, but the array of rank {comm.rank} has "
            f"{memory.nbytes} B: pass arrays of the same shape and dtype on all ranks"
        )


def allreduce(comm: MPI.Intracomm, sent: DeviceMemory, received: DeviceMemory, op: MPI.Op) -> None:
    """Combine the items of all ranks. Collective over comm.

    That all ranks have the same length is agreed where it costs no time: while the
    device copies the first of several chunks. For shorter messages it is as in MPI:
    the ranks have to see to it.

    Parameters
    ----------
    comm
        The ranks that combine.
    sent, received
        May be the same memory.
    op
        Works on each item by itself.

    Raises
    ------
    InputError
        If `sent` and `received` differ in type or length; on all ranks, if ranks have
        different lengths beyond one chunk.
    """
    if (sent.dtype, sent.nbytes) != (received.dtype, received.nbytes):
        raise InputError(
            f"sendbuf has {sent.nbytes} B of {sent.dtype}, but recvbuf {received.nbytes} B of "
            f"{received.dtype}: pass arrays of the same shape and dtype"
        )
    chunks, extremes = in_chunks(sent.nbytes), np.array([sent.nbytes, -sent.nbytes])
    with take_lane(sent) as out, take_lane(received) as into:
        out.copy_out(0, chunks[0])
        if sent.nbytes > CHUNK:
            comm.Allreduce(MPI.IN_PLACE, extremes, op=MPI.MAX)
        fits = extremes[0] == -extremes[1]
        for k, (start, size) in enumerate(chunks if fits else []):
            out.wait(k)
            if k + 1 < len(chunks):
                out.copy_out(k + 1, chunks[k + 1])
            into.wait(k)  # chunk k - 2 has left its memory
            message, total = (lane.message(k, size).view(sent.dtype) for lane in (out, into))
            comm.Allreduce(message, total, op=op)
            into.copy_in(k, (start, size))
        for k in range(2):
            out.wait(k)
            into.wait(k)
    if not fits:
        raise InputError(
            f"rank {comm.rank} has {sent.nbytes} B, but others from {-extremes[1]} to "
            f"{extremes[0]} B: pass arrays of the same shape and dtype on all ranks"
        )
