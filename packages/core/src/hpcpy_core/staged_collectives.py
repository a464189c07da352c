"""Collective calls on device arrays through host memory, while the device copies.

As in `staged_messages`, what is longer than one chunk goes in chunks: MPI has one
while the device copies the next one from, or the one before to, its memory. That all ranks
have the same length is the caller's to see, as `hpcpy_core.transport.Transport` does.
"""

import os
from typing import Any

import numpy as np
from mpi4py import MPI

from hpcpy_core.copy_lane import Chunk, Lane, in_chunks, take_lane
from hpcpy_core.device_memory import DeviceMemory
from hpcpy_core.staged_messages import SPINS
from hpcpy_core.whole_messages import explained_op

__all__ = ["allreduce", "bcast"]


def bcast(comm: MPI.Intracomm, memory: DeviceMemory, root: int) -> None:
    """Broadcast device memory; all ranks have as much. Collective over comm."""
    chunks = in_chunks(memory.nbytes)
    with take_lane(memory) as lane:
        if comm.rank == root:
            lane.copy_out(0, chunks[0])
        for k, chunk in enumerate(chunks):
            lane.wait(k)  # the root has copied it; of the others, chunk k - 2 has left its memory
            if comm.rank == root and k + 1 < len(chunks):
                lane.copy_out(k + 1, chunks[k + 1])
            comm.Bcast([lane.message(k, chunk[1]), MPI.BYTE], root)
            if comm.rank != root:
                lane.copy_in(k, chunk)
        for k in range(2):
            lane.wait(k)


def allreduce(comm: MPI.Intracomm, sent: DeviceMemory, received: DeviceMemory, op: MPI.Op) -> None:
    """Combine the items of all ranks, which have as many. Collective over comm.

    What fits into one chunk is one blocking Allreduce, which is the faster one for short
    messages. Of several chunks two are reduced at a time, without blocking.

    Parameters
    ----------
    comm
        The ranks that combine.
    sent, received
        Of the same type and length; may be the same memory.
    op
        Works on each item by itself.

    Raises
    ------
    InputError
        If MPI has no such operation for the items.
    """
    chunks = in_chunks(sent.nbytes)
    with explained_op(sent.dtype), take_lane(sent) as out, take_lane(received) as into:
        for k, chunk in enumerate(chunks[:2]):
            out.copy_out(k, chunk)
        if len(chunks) == 1:
            out.wait(0)
            message, total = _messages(out, into, 0, sent.nbytes, sent.dtype)
            comm.Allreduce(message, total, op=op)
            into.copy_in(0, chunks[0])
        else:
            _reduce_chunks(comm, out, into, chunks, sent.dtype, op)
        for k in range(2):
            out.wait(k)
            into.wait(k)


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
