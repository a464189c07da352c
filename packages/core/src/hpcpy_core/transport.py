# ruff: noqa: ANN401, N802 - arrays are of any library, and messages have MPI's names
"""How an array reaches MPI: chosen once, agreed by all ranks, with the reason.

host     a NumPy array is handed to MPI as it is
staged   a device array is copied to page-locked host memory, which MPI sends
direct   a device array is handed to a CUDA-aware MPI as it is, in the operations for
         which that was proven, and is staged in the others
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from mpi4py import MPI

from hpcpy_core import staged_collectives, staged_messages
from hpcpy_core.awareness.operations import Operation
from hpcpy_core.device_memory import device_memory
from hpcpy_core.message_buffer import DirectBuffer, HostBuffer, MessageBuffer, StagingBuffer

__all__ = ["Transport", "TransportName", "TransportRequest"]

TransportName = Literal["host", "staged", "direct"]
TransportRequest = Literal["auto", "host", "staged", "direct", "force-direct"]
Array = TypeVar("Array")

BUFFERS: dict[TransportName, type[MessageBuffer]] = {
    "host": HostBuffer,
    "staged": StagingBuffer,
    "direct": DirectBuffer,
}


@dataclass(frozen=True, kw_only=True)
class Transport:
    """The way between arrays and MPI, and why.

    A program that goes through it runs with arrays on any device. Whole messages have
    methods of MPI's names, which copy and send at the same time where arrays are staged::

        transport.Allreduce(comm, u, total)

    Any other call of MPI is given a buffer, and told to which class of operations it
    belongs. Every block ends after the messages were completed: `Wait` belongs into it::

        with transport.sendbuf(u, "gather") as sendbuf, transport.recvbuf(all, "gather") as recvbuf:
            comm.Allgather(sendbuf, recvbuf)

    Parameters
    ----------
    name, reason
        What was chosen, and why.
    direct_for
        The operations in which ``direct`` hands device arrays to MPI.
    """

    name: TransportName
    reason: str
    direct_for: frozenset[Operation] = frozenset()

    def way(self, operation: Operation | None = None) -> TransportName:
        """Return how an array takes part in an operation. Local.

        Parameters
        ----------
        operation
            Its class; None for one that belongs to none of them, such as a file's, which
            no proof has tried: it is never direct.
        """
        if self.name != "direct":
            return self.name
        return "direct" if operation in self.direct_for else "staged"

    @contextmanager
    def sendbuf(self, array: Array, operation: Operation | None = None) -> Iterator[Array]:
        """Give what MPI may read: the items of `array`. Local; None stays None."""
        if array is None:
            yield array
        else:
            buffer = self.attach(array, operation)
            buffer.to_mpi()
            yield buffer.message

    @contextmanager
    def recvbuf(self, array: Array, operation: Operation | None = None) -> Iterator[Array]:
        """Give what MPI fills as a whole; then `array` has it. Local; None stays None."""
        if array is None:
            yield array
        else:
            buffer = self.attach(array, operation)
            buffer.synchronize()
            yield buffer.message
            buffer.from_mpi()

    @contextmanager
    def buffer(self, array: Array, operation: Operation | None = None) -> Iterator[Array]:
        """Give what MPI reads, or fills in part; then `array` is the same. Local."""
        attached = self.attach(array, operation)
        attached.to_mpi()
        yield attached.message
        attached.from_mpi()

    def attach(self, array: Any, operation: Operation | None = None) -> MessageBuffer:
        """Return a buffer that serves many messages, for persistent requests and loops. Local.

        Raises
        ------
        InputError
            If `array` is not one block of this transport's memory.
        """
        return BUFFERS[self.way(operation)](array)

    def Send(self, comm: MPI.Comm, array: Any, dest: int, tag: int = 0) -> None:
        """Send an array to a `Recv` of the same transport. Local."""
        if self.way("p2p") == "staged":
            staged_messages.send(comm, device_memory(array), dest, tag)
        else:
            with self.sendbuf(array, "p2p") as sendbuf:
                comm.Send(sendbuf, dest, tag)

    def Recv(self, comm: MPI.Comm, array: Any, source: int, tag: int = 0) -> None:
        """Receive a whole array from a `Send` of the same transport. Local.

        Raises
        ------
        InputError
            Where arrays are staged, if what was sent has not as many bytes.
        """
        if self.way("p2p") == "staged":
            staged_messages.recv(comm, device_memory(array, filled=True), source, tag)
        else:
            with self.recvbuf(array, "p2p") as recvbuf:
                comm.Recv(recvbuf, source, tag)

    def Sendrecv(
        self, comm: MPI.Comm, sendbuf: Any, dest: int, recvbuf: Any, source: int, tag: int = 0
    ) -> None:
        """Send an array and receive another at the same time. Local; raises as `Recv` does."""
        if self.way("p2p") == "staged":
            sent, received = device_memory(sendbuf), device_memory(recvbuf, filled=True)
            staged_messages.sendrecv(comm, sent, dest, received, source, tag)
        else:
            with self.sendbuf(sendbuf, "p2p") as out, self.recvbuf(recvbuf, "p2p") as into:
                comm.Sendrecv(out, dest, tag, into, source, tag)

    def Bcast(self, comm: MPI.Intracomm, array: Any, root: int = 0) -> None:
        """Give all ranks the root's array. Collective over comm.

        Raises
        ------
        InputError
            Where arrays are staged, on each rank whose array has not as many bytes as the
            root's.
        """
        if self.way("bcast") == "staged":
            memory = device_memory(array, filled=comm.rank != root)
            staged_collectives.bcast(comm, memory, root)
        elif comm.rank == root:
            with self.sendbuf(array, "bcast") as buf:
                comm.Bcast(buf, root)
        else:
            with self.recvbuf(array, "bcast") as buf:
                comm.Bcast(buf, root)

    def Allreduce(
        self, comm: MPI.Intracomm, sendbuf: Any, recvbuf: Any, op: MPI.Op = MPI.SUM
    ) -> None:
        """Combine the arrays of all ranks, item by item, and give them to all. Collective.

        Parameters
        ----------
        comm
            The ranks whose arrays are combined.
        sendbuf, recvbuf
            Of the same shape and dtype on all ranks; MPI.IN_PLACE as `sendbuf` says that
            recvbuf is both.
        op
            Works on each item by itself.

        Raises
        ------
        InputError
            Where arrays are staged: if the two differ, or, on all ranks, if arrays that are
            longer than a chunk differ between ranks.
        """
        in_place = sendbuf is MPI.IN_PLACE
        if self.way("reduction") == "staged":
            received = device_memory(recvbuf, filled=True)
            sent = received if in_place else device_memory(sendbuf)
            staged_collectives.allreduce(comm, sent, received, op)
        elif in_place:
            with self.buffer(recvbuf, "reduction") as buf:
                comm.Allreduce(MPI.IN_PLACE, buf, op)
        else:
            with (
                self.sendbuf(sendbuf, "reduction") as out,
                self.recvbuf(recvbuf, "reduction") as into,
            ):
                comm.Allreduce(out, into, op)
