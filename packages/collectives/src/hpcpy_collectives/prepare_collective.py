"""The collective operations: which method of the communicator, with which arguments."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from mpi4py import MPI
from mpi4py.util import pkl5

from hpcpy_collectives.buffers import make_buffer
from hpcpy_collectives.collective_data import ROOT, CollectiveData, collective_data
from hpcpy_collectives.messages import Message, blocks_message, message
from hpcpy_collectives.moving import moving
from hpcpy_collectives.operations import Api, Operation, Prepared
from hpcpy_collectives.patterns import Array, Mismatch, find_mismatch
from hpcpy_core import awareness
from hpcpy_core.device import Device
from hpcpy_core.message_buffer import MessageBuffer

__all__ = ["prepare_collective"]

ROOTED = ("bcast", "reduce", "gather", "scatter")


def prepare_collective(
    operation: Operation, comm: MPI.Intracomm, size: int, api: Api, device: Device
) -> Prepared:
    """Allocate this rank's buffers, and bind the method to them. Local.

    `size` is counted as `collective_data` says.
    """
    base = operation.base
    if base == "barrier":
        call = _bind(comm.Ibarrier if operation.nonblocking else comm.Barrier, (), operation)
        return Prepared(call=call, check=lambda _: None, timed=True)
    data = collective_data(base, size, comm.rank, comm.size)
    sent = None if data.sent is None else make_buffer(data.sent, device)
    received = None if data.received is None else make_buffer(data.received, device)
    if api == "buffer":
        name = ("I" + operation.name[1:]) if operation.nonblocking else operation.name.capitalize()
        attach = partial(device.transport.attach, operation=_class_of(operation))
        out, into = (None if array is None else attach(array) for array in (sent, received))
        arguments = _messages(operation, data, _message_of(out), _message_of(into), comm.size)
        call = _bind(getattr(comm, name), arguments, operation)
        call = moving(call, sent=out, received=into)
    else:
        family = pkl5.Intracomm(comm) if api == "pickle5" else comm
        call = partial(getattr(family, base), *_objects(base, sent, comm.size))

    def check(returned: object) -> Mismatch | None:
        if received is None:
            return None
        found = device.to_host(received) if api == "buffer" else _flatten(returned)
        return find_mismatch(found, data.expected())

    return Prepared(call=call, check=check, timed=True)


def _class_of(operation: Operation) -> awareness.Operation:
    """Return what has to be proven of MPI before it is given device memory."""
    if "reduce" in operation.base:
        return "nonblocking_reduction" if operation.nonblocking else "reduction"
    if operation.nonblocking:
        return "nonblocking"
    return "bcast" if operation.base == "bcast" else "gather"


def _bind(
    method: Callable[..., Any], arguments: tuple[Message, ...], operation: Operation
) -> Callable[[], object]:
    """Return one iteration: the call, and the wait where it does not block."""
    if not operation.nonblocking:
        return partial(method, *arguments)

    def start_and_wait() -> None:
        method(*arguments).Wait()

    return start_and_wait


def _messages(
    operation: Operation,
    data: CollectiveData,
    sent: Array | None,
    received: Array | None,
    ranks: int,
) -> tuple[Message, ...]:
    """Return the arguments of the upper-case method."""
    base = operation.base
    if base == "bcast":
        return message(_existing(sent, received)), ROOT
    if base == "reduce_scatter":
        counts = np.array(data.counts, dtype=np.intc)
        return _whole(sent), _whole(received), counts, MPI.SUM
    if base == "reduce":
        return _whole(sent), _whole(received), MPI.SUM, ROOT
    if base == "allreduce":
        return _whole(sent), _whole(received), MPI.SUM

    def blocks(array: Array | None) -> Message:
        if array is None:
            return None
        if operation.vector:
            return blocks_message(array, data.counts)
        return message(array, ranks)

    out = blocks(sent) if base in ("scatter", "alltoall") else _whole(sent)
    into = _whole(received) if base == "scatter" else blocks(received)
    return (out, into, ROOT) if base in ROOTED else (out, into)


def _objects(base: str, sent: Array | None, ranks: int) -> tuple[object, ...]:
    """Return the arguments of the lower-case method."""
    objects: object = sent
    if base in ("scatter", "alltoall") and sent is not None:
        objects = np.split(sent, ranks)
    if base in ("reduce", "allreduce"):
        return (objects, MPI.SUM, ROOT) if base == "reduce" else (objects, MPI.SUM)
    return (objects, ROOT) if base in ROOTED else (objects,)


def _message_of(buffer: MessageBuffer | None) -> Array | None:
    return None if buffer is None else buffer.message


def _whole(array: Array | None) -> Message:
    return None if array is None else message(array)


def _existing(*arrays: Array | None) -> Array:
    return next(array for array in arrays if array is not None)


def _flatten(returned: Any) -> Array:  # noqa: ANN401 - an array, or a list of arrays
    return np.concatenate(returned) if isinstance(returned, list) else np.asarray(returned)
