"""How an array reaches MPI: chosen once, agreed by all ranks, with the reason.

host     a NumPy array is handed to MPI as it is
staged   a device array is copied to pinned host memory, which MPI sends
direct   a device array is handed to a CUDA-aware MPI as it is
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from hpcpy_core.errors import InputError
from hpcpy_core.message_buffer import DirectBuffer, HostBuffer, MessageBuffer, StagingBuffer

__all__ = ["Transport", "TransportName", "TransportRequest", "select_transport"]

TransportName = Literal["host", "staged", "direct"]
TransportRequest = Literal["auto", "host", "staged", "direct"]
Array = TypeVar("Array")

BUFFERS: dict[TransportName, type[MessageBuffer]] = {
    "host": HostBuffer,
    "staged": StagingBuffer,
    "direct": DirectBuffer,
}


@dataclass(frozen=True, kw_only=True)
class Transport:
    """The way between arrays and MPI, and why.

    A program that goes through it runs with arrays on any device::

        with transport.sendbuf(u) as sendbuf, transport.recvbuf(total) as recvbuf:
            comm.Allreduce(sendbuf, recvbuf)

    Every block ends after the messages were completed: `Wait` belongs into it.
    """

    name: TransportName
    reason: str

    @contextmanager
    def sendbuf(self, array: Array) -> Iterator[Array]:
        """Give what MPI may read: the items of `array`. Local; None stays None."""
        if array is None:
            yield array
        else:
            buffer = self.attach(array)
            buffer.to_mpi()
            yield buffer.message

    @contextmanager
    def recvbuf(self, array: Array) -> Iterator[Array]:
        """Give what MPI fills as a whole; then `array` has it. Local; None stays None."""
        if array is None:
            yield array
        else:
            buffer = self.attach(array)
            buffer.synchronize()
            yield buffer.message
            buffer.from_mpi()

    @contextmanager
    def buffer(self, array: Array) -> Iterator[Array]:
        """Give what MPI reads, or fills in part; then `array` is the same. Local."""
        attached = self.attach(array)
        attached.to_mpi()
        yield attached.message
        attached.from_mpi()

    def attach(self, array: Any) -> MessageBuffer:  # noqa: ANN401 - of NumPy or CuPy
        """Return a buffer that serves many messages, for persistent requests and loops. Local.

        Raises
        ------
        InputError
            If `array` is not one block of this transport's memory.
        """
        return BUFFERS[self.name](array)


def select_transport(request: TransportRequest, kind: str, reason: str) -> Transport:
    """Choose the transport for arrays of one kind of device. Local, and the same on all ranks.

    Parameters
    ----------
    request
        ``auto`` takes only what was proven here.
    kind, reason
        Of the device: ``cpu`` or ``gpu``, and why it is.

    Raises
    ------
    InputError
        If the transport asked for cannot move arrays of this device.
    """
    if kind == "cpu":
        if request in ("auto", "host"):
            return Transport(name="host", reason="arrays are in host memory")
        raise InputError(
            f"--transport {request} moves device arrays, but the device is {kind} "
            f"({reason}). Use --transport host"
        )
    if request == "host":
        raise InputError(
            f"--transport host moves arrays in host memory, but the device is {kind} ({reason}). "
            "Use --transport staged"
        )
    if request == "direct":
        raise InputError(
            "--transport direct hands device memory to MPI, which ends in a segfault unless this "
            "MPI is CUDA-aware, and that was not proven here. Use --transport staged"
        )
    asked = request == "staged"
    return Transport(
        name="staged", reason="asked for" if asked else "MPI was not proven to be CUDA-aware"
    )
