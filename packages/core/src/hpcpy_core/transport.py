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
from typing import Any, Literal, TypeGuard, TypeVar

from mpi4py import MPI

from hpcpy_core import staged_collectives, staged_messages, whole_messages
from hpcpy_core.agree import agree
from hpcpy_core.array_rules import overlap
from hpcpy_core.awareness.operations import Operation
from hpcpy_core.device_memory import DeviceMemory, device_memory
from hpcpy_core.errors import InputError
from hpcpy_core.host_memory import host_memory
from hpcpy_core.message_buffer import DirectBuffer, HostBuffer, MessageBuffer, StagingBuffer
from hpcpy_core.whole_messages import Memory

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
        attached.synchronize()  # sees that it may be filled
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
        """Send an array to a `Recv` of the same transport. Local.

        Raises
        ------
        InputError
            If `array` is not one block of this transport's memory; so do all of these methods.
        """
        memory = self._memory(array)
        if self._stages(memory, "p2p"):
            staged_messages.send(comm, memory, dest, tag)
        else:
            whole_messages.send(comm, memory, dest, tag)

    def Recv(self, comm: MPI.Comm, array: Any, source: int, tag: int = 0) -> None:
        """Receive a whole array from a `Send` of the same transport. Local.

        Raises
        ------
        InputError
            If what was sent has not as many bytes. What the bytes are, no message tells.
        """
        memory = self._memory(array, filled=True)
        if self._stages(memory, "p2p"):
            staged_messages.recv(comm, memory, source, tag)
        else:
            whole_messages.recv(comm, memory, source, tag)

    def Sendrecv(
        self, comm: MPI.Comm, sendbuf: Any, dest: int, recvbuf: Any, source: int, tag: int = 0
    ) -> None:
        """Send an array and receive another at the same time. Local.

        Raises
        ------
        InputError
            As `Recv` does, or if the two share memory.
        """
        sent, received = self._memory(sendbuf, "sendbuf"), self._memory(recvbuf, "recvbuf", True)
        if MPI.PROC_NULL not in (dest, source) and overlap(sent, received):
            raise InputError(
                "sendbuf and recvbuf share memory, and what arrives may be sent on: pass arrays "
                "that share none"
            )
        if self._stages(sent, "p2p") and self._stages(received, "p2p"):
            staged_messages.sendrecv(comm, sent, dest, received, source, tag)
        else:
            whole_messages.sendrecv(comm, sent, dest, received, source, tag)

    def Bcast(self, comm: MPI.Intracomm, array: Any, root: int = 0) -> None:
        """Give all ranks the root's array. Collective over comm.

        Raises
        ------
        InputError
            On all ranks, before anything is sent: if the array of any cannot be sent or
            received, or they differ in type or length, or `root` does.
        """
        memory, error, wish = None, None, ""
        try:
            if not 0 <= root < comm.size:
                raise InputError(f"there is no rank {root}: pass a root from 0 to {comm.size - 1}")
            memory = self._memory(array, filled=comm.rank != root)
            wish = f"{self.way('bcast')}, {_describe(memory)} from rank {root}"
        except Exception as found:  # agreed by all ranks in the next line
            error = found
        agree(comm, wish, error, what="the ranks do not broadcast the same")
        if memory is None:
            return
        if self._stages(memory, "bcast"):
            staged_collectives.bcast(comm, memory, root)
        else:
            whole_messages.bcast(comm, memory, root)

    def Allreduce(
        self, comm: MPI.Intracomm, sendbuf: Any, recvbuf: Any, op: MPI.Op = MPI.SUM
    ) -> None:
        """Combine the arrays of all ranks, item by item, and give them to all. Collective.

        Parameters
        ----------
        comm
            The ranks whose arrays are combined.
        sendbuf, recvbuf
            Of the same shape and dtype on all ranks; MPI.IN_PLACE as `sendbuf`, or the same
            memory, says that recvbuf is both.
        op
            Works on each item by itself.

        Raises
        ------
        InputError
            On all ranks, before anything is sent: if the arrays of any cannot be sent or
            received, the two differ or share a part of their memory, or ranks differ.
        """
        pair, error, wish = None, None, ""
        try:
            pair = self._pair_up(sendbuf, recvbuf)
            in_place = ", in place" if pair[0].address == pair[1].address else ""
            wish = f"{self.way('reduction')}, {_describe(pair[1])}, {_name(op)}{in_place}"
        except Exception as found:  # agreed by all ranks in the next line
            error = found
        agree(comm, wish, error, what="the ranks do not reduce the same")
        if pair is None:
            return
        sent, received = pair
        if self._stages(sent, "reduction") and self._stages(received, "reduction"):
            staged_collectives.allreduce(comm, sent, received, op)
        else:
            whole_messages.allreduce(comm, sent, received, op)

    def _memory(self, array: Any, name: str = "array", filled: bool = False) -> Memory:
        """Return what an array of this transport is. Local."""
        if self.name == "host":
            return host_memory(array, name=name, filled=filled)
        return device_memory(array, filled=filled)

    def _stages(self, memory: Memory, operation: Operation) -> TypeGuard[DeviceMemory]:
        """Return whether memory goes through the host in an operation. Local."""
        return self.way(operation) == "staged"

    def _pair_up(self, sendbuf: Any, recvbuf: Any) -> tuple[Memory, Memory]:
        """Return what is sent and what is filled: of one type and length, the same or apart."""
        received = self._memory(recvbuf, "recvbuf", True)
        sent = received if sendbuf is MPI.IN_PLACE else self._memory(sendbuf, "sendbuf")
        if (sent.dtype, sent.nbytes) != (received.dtype, received.nbytes):
            raise InputError(
                f"sendbuf has {sent.nbytes} B of {sent.dtype}, but recvbuf {received.nbytes} B of "
                f"{received.dtype}: pass arrays of the same shape and dtype"
            )
        if sent.address != received.address and overlap(sent, received):
            raise InputError(
                "sendbuf and recvbuf share a part of their memory: pass the same array for both, "
                "or arrays that share none"
            )
        return sent, received


def _describe(memory: Memory) -> str:
    """Return what must be the same on all ranks."""
    return f"{memory.nbytes // memory.dtype.itemsize} items of {memory.dtype}"


def _name(op: MPI.Op) -> str:
    """Return what tells two of MPI's operations apart; a program's own have no name."""
    return f"op {op.py2f()}" if op.is_predefined else "an op of the program"
