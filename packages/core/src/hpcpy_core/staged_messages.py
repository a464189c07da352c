"""Messages of device arrays through host memory, while the device copies: point to point.

A message goes in chunks. The sender copies chunk k + 1 from the device while MPI has
chunk k; the receiver copies chunk k to the device while chunk k + 1 arrives. A message
of one chunk is one message of MPI. The first of a longer one tells, behind its chunk,
how long all of it is: a receiver that has another length takes all, so that the sender
comes to its end, and refuses it.

Each direction is a generator, which yields where it would have to wait, so that
directions and copies go on beside each other: MPI moves messages only while it is called.
"""

import os
from collections.abc import Generator

import numpy as np
from mpi4py import MPI

from hpcpy_core.copy_lane import CHUNK, Lane, in_chunks, take_lane
from hpcpy_core.device_memory import DeviceMemory
from hpcpy_core.errors import InputError

__all__ = ["recv", "send", "sendrecv"]

LENGTH = np.dtype(np.int64)
"""What tells the length of a message."""

SPINS = 100
"""Rounds of waiting, about 0.1 ms, before other processes get the core."""

Steps = Generator[None, None, int]
"""One direction of a message: returns its length in bytes."""


def send(comm: MPI.Comm, memory: DeviceMemory, dest: int, tag: int) -> None:
    """Send what is in device memory, to a `recv`. Local."""
    if dest == MPI.PROC_NULL:
        return
    with take_lane(memory) as lane:
        _run(_outgoing(comm, memory, dest, tag, lane))


def recv(comm: MPI.Comm, memory: DeviceMemory, source: int, tag: int) -> None:
    """Receive into device memory what was sent by `send`. Local.

    Raises
    ------
    InputError
        If the message is not as long as the memory, which is left as it is.
    """
    if source == MPI.PROC_NULL:
        return
    with take_lane(memory) as lane:
        (length,) = _run(_incoming(comm, memory, source, tag, lane))
    _check_length(memory, length)


def sendrecv(
    comm: MPI.Comm, sent: DeviceMemory, dest: int, received: DeviceMemory, source: int, tag: int
) -> None:
    """Do both at once. Local; raises as `recv` does."""
    if MPI.PROC_NULL in (dest, source):
        send(comm, sent, dest, tag)
        recv(comm, received, source, tag)
        return
    with take_lane(sent) as out, take_lane(received) as into:
        _, length = _run(
            _outgoing(comm, sent, dest, tag, out), _incoming(comm, received, source, tag, into)
        )
    _check_length(received, length)


def _outgoing(comm: MPI.Comm, memory: DeviceMemory, dest: int, tag: int, lane: Lane) -> Steps:
    chunks, requests = in_chunks(memory.nbytes), [MPI.REQUEST_NULL, MPI.REQUEST_NULL]
    lane.copy_out(0, chunks[0])
    for k, (_, size) in enumerate(chunks):
        before = (k + 1) % 2  # chunk k - 1, whose memory is the next one's
        while not lane.is_copied(k):
            requests[before].Test()
            yield
        if k == 0 and len(chunks) > 1:
            lane.message(0, CHUNK + LENGTH.itemsize)[CHUNK:].view(LENGTH)[0] = memory.nbytes
            size += LENGTH.itemsize
        requests[k % 2] = comm.Isend([lane.message(k, size), MPI.BYTE], dest, tag)
        if k + 1 < len(chunks):
            while not requests[before].Test():
                yield
            lane.copy_out(k + 1, chunks[k + 1])
    for request in requests:
        while not request.Test():
            yield
    return memory.nbytes


def _incoming(comm: MPI.Comm, memory: DeviceMemory, source: int, tag: int, lane: Lane) -> Steps:
    status, requests = MPI.Status(), [MPI.REQUEST_NULL, MPI.REQUEST_NULL]
    requests[0] = comm.Irecv([lane.message(0, CHUNK + LENGTH.itemsize), MPI.BYTE], source, tag)
    while not requests[0].Test(status):
        yield
    length = status.Get_count(MPI.BYTE)
    if length > CHUNK:
        length = int(lane.message(0, length)[CHUNK:].view(LENGTH)[0])
    chunks = in_chunks(length)

    def start(k: int) -> None:
        if k < len(chunks):
            into = [lane.message(k, chunks[k][1]), MPI.BYTE]
            requests[k % 2] = comm.Irecv(into, status.source, status.tag)

    start(1)
    for k, chunk in enumerate(chunks):
        while not requests[k % 2].Test():
            yield
        if length == memory.nbytes:
            lane.copy_in(k, chunk)
        while not lane.is_copied(k):
            requests[(k + 1) % 2].Test()
            yield
        start(k + 2)
    return length


def _run(*directions: Steps) -> list[int]:
    """Go on with all directions until each has come to its end; return their lengths."""
    lengths = [0] * len(directions)
    going, rounds = dict(enumerate(directions)), 0
    while going:
        for number, steps in list(going.items()):
            try:
                next(steps)
            except StopIteration as end:
                lengths[number] = end.value
                del going[number]
        rounds += 1
        if rounds > SPINS:
            os.sched_yield()  # ranks may share a core
    return lengths


def _check_length(memory: DeviceMemory, length: int) -> None:
    if length != memory.nbytes:
        raise InputError(
            f"a message of {length} B came for an array of {memory.nbytes} B: pass arrays of the "
            "same shape and dtype at both ends"
        )
