"""Whole arrays in MPI's own calls, however many items they have.

MPI takes counts as C ints, and Open MPI 5.0 has no wider ones: it refuses what has more than
2^31 - 1 items with MPI_ERR_ARG. So what is only moved between two ranks becomes one item of
a nested datatype, and what is broadcast or combined goes in parts, which needs no memory for
packing.
"""

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from mpi4py import MPI

from hpcpy_core import repeat_datatype as repeated
from hpcpy_core.datatypes import committed
from hpcpy_core.device_memory import DeviceMemory
from hpcpy_core.errors import InputError
from hpcpy_core.host_memory import HostMemory, host_memory

__all__ = [
    "Memory",
    "allreduce",
    "bcast",
    "exchange",
    "explained_op",
    "moved",
    "recv",
    "send",
    "sendrecv",
]

Memory = HostMemory | DeviceMemory
"""What MPI can take as it is: device memory where that was proven."""

Message = tuple[Any, int, MPI.Datatype]
"""Buffer, count and datatype."""


def send(comm: MPI.Comm, memory: Memory, dest: int, tag: int) -> None:
    """Send all of it, to a `recv`. Local."""
    memory.synchronize()
    with moved(memory) as message:
        comm.Send(message, dest, tag)


def recv(comm: MPI.Comm, memory: Memory, source: int, tag: int) -> None:
    """Fill all of it. Local.

    The length is asked for before: after a message that was too long Open MPI may crash.

    Raises
    ------
    InputError
        If the message is not as long as the memory, which is left as it is.
    """
    if source == MPI.PROC_NULL:
        return
    memory.synchronize()
    status = MPI.Status()
    comm.Probe(source, tag, status)
    length = status.Get_elements(MPI.BYTE)
    fits = length == memory.nbytes
    with moved(memory if fits else host_memory(np.empty(length, np.uint8))) as message:
        comm.Recv(message, status.source, status.tag)
    if not fits:
        raise InputError(
            f"a message of {length} B came for an array of {memory.nbytes} B: pass arrays of the "
            "same shape and dtype at both ends"
        )


def sendrecv(
    comm: MPI.Comm, sent: Memory, dest: int, received: Memory, source: int, tag: int
) -> None:
    """Do both at once. Local; raises as `recv` does."""
    sent.synchronize()
    with moved(sent) as out:
        going = comm.Isend(out, dest, tag)
        try:
            recv(comm, received, source, tag)
        finally:
            going.Wait()


def exchange(comm: MPI.Comm, sent: Memory, dest: int, received: Memory, source: int) -> None:
    """Do both at once, where all ranks have agreed on the lengths. Local."""
    sent.synchronize()
    received.synchronize()
    with moved(sent) as out, moved(received) as into:
        comm.Sendrecv(out, dest, 0, into, source)


def bcast(comm: MPI.Intracomm, memory: Memory, root: int) -> None:
    """Give all ranks the root's; all have as much. Collective over comm."""
    memory.synchronize()
    for part in _parts(memory):
        comm.Bcast(part, root)


def allreduce(comm: MPI.Intracomm, sent: Memory, received: Memory, op: MPI.Op) -> None:
    """Combine the items of all ranks, which have as many. Collective over comm.

    Parameters
    ----------
    comm
        The ranks that combine.
    sent, received
        Of the same type and length; the same memory, or apart.
    op
        Works on each item by itself.

    Raises
    ------
    InputError
        If MPI has no such operation for the items.
    """
    in_place = sent.address == received.address
    sent.synchronize()
    received.synchronize()
    with explained_op(received.dtype):
        for out, into in zip(_parts(sent), _parts(received), strict=True):
            comm.Allreduce(MPI.IN_PLACE if in_place else out, into, op)


@contextmanager
def explained_op(dtype: np.dtype[Any]) -> Iterator[None]:
    """Turn MPI's refusal to combine items of a type, on all ranks alike, into InputError. Local."""
    try:
        yield
    except MPI.Exception as error:
        if error.Get_error_class() not in (MPI.ERR_OP, MPI.ERR_TYPE):
            raise
        raise InputError(
            f"this MPI does not combine items of {dtype} by that op: pass numbers that it can "
            "add, such as array.astype(float), or another op"
        ) from error


@contextmanager
def moved(memory: Memory) -> Iterator[Message]:
    """Describe memory as one message that is only moved. Local."""
    buffer, datatype, count = _describe(memory)
    if count <= repeated.LARGEST_COUNT:
        yield buffer, count, datatype
    else:
        nested = repeated.repeat_datatype(datatype, count, memory.dtype.itemsize)
        with committed(nested):
            yield buffer, 1, nested


def _parts(memory: Memory) -> Iterator[Message]:
    """Describe memory as messages of the same lengths on all ranks; there is always one."""
    buffer, datatype, count = _describe(memory)
    itemsize, most = memory.dtype.itemsize, repeated.LARGEST_COUNT
    # Beyond a C int the parts have no more bytes than one, too: so do libraries count inside.
    step = count if count <= most else max(1, most // itemsize)
    for start in range(0, max(1, count), max(1, step)):
        length = min(step, count - start)
        yield buffer[start * itemsize : (start + length) * itemsize], length, datatype


def _describe(memory: Memory) -> tuple[MPI.buffer, MPI.Datatype, int]:
    buffer = MPI.buffer.fromaddress(memory.address if memory.nbytes else 0, memory.nbytes)
    return buffer, _datatype(memory.dtype.str), memory.nbytes // memory.dtype.itemsize


@functools.cache
def _datatype(typestr: str) -> MPI.Datatype:
    return MPI.Datatype.fromcode(typestr[1:])
