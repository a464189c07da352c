"""Collective calls on device arrays through host memory, while the device copies.

As in `staged_messages`, what is longer than one chunk goes in chunks: MPI has one
while the device copies the next one from, or the one before to, its memory.
"""

import os
from typing import Any

import numpy as np
from mpi4py import MPI

from hpcpy_core.copy_lane import Chunk, Lane, in_chunks, take_lane
from hpcpy_core.device_memory import DeviceMemory
from hpcpy_core.errors import InputError
from hpcpy_core.staged_messages import SPINS

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

    What fits into one chunk is one blocking Allreduce, which is the faster one for short
    messages. Of several chunks two are reduced at a time, without blocking.

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
        for k, chunk in enumerate(chunks[:2]):
            out.copy_out(k, chunk)
        if len(chunks) > 1:
            comm.Allreduce(MPI.IN_PLACE, extremes, op=MPI.MAX)
        fits = extremes[0] == -extremes[1]
        if len(chunks) == 1:
            out.wait(0)
            message, total = _messages(out, into, 0, sent.nbytes, sent.dtype)
            comm.Allreduce(message, total, op=op)
            into.copy_in(0, chunks[0])
        elif fits:
            _reduce_chunks(comm, out, into, chunks, sent.dtype, op)
        for k in range(2):
            out.wait(k)
            into.wait(k)
    if not fits:
        raise InputError(
            f"rank {comm.rank} has {sent.nbytes} B, but others from {-extremes[1]} to "
            f"{extremes[0]} B: pass arrays of the same shape and dtype on all ranks"
        )


def _reduce_chunks(
    comm: MPI.Intracomm,
    out: Lane,
    into: Lane,
    chunks: list[Chunk],
    dtype: np.dtype[Any],
    op: MPI.Op,
) -> None:
    """Reduce chunk after chunk, of which the first two are being copied from the device.

    When the reduction of a chunk is done, its copy to the device starts, and the copy from
    the device that has waited for its memory, while MPI has the next chunk already. All
    ranks start the same reductions in the same order, whichever copy is late.
    """
    requests = [MPI.REQUEST_NULL, MPI.REQUEST_NULL]
    started = done = rounds = 0
    while done < len(chunks):
        k = started  # its result's memory is free when that of chunk k - 2 has left it
        if k < min(done + 2, len(chunks)) and out.is_copied(k) and into.is_copied(k):
            message, total = _messages(out, into, k, chunks[k][1], dtype)
            requests[k % 2] = comm.Iallreduce(message, total, op=op)
            started += 1
        elif done < started and requests[done % 2].Test():
            if done + 2 < len(chunks):
                out.copy_out(done + 2, chunks[done + 2])
            into.copy_in(done, chunks[done])
            done += 1
        elif (rounds := rounds + 1) > SPINS:
            os.sched_yield()  # ranks may share a core


def _messages(out: Lane, into: Lane, k: int, size: int, dtype: np.dtype[Any]) -> list[Any]:
    """Return the memory of chunk k on both lanes, as items."""
    return [lane.message(k, size).view(dtype) for lane in (out, into)]
