"""Every class of operations moves the right values, in host memory, staged and direct."""

import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core.awareness import OPERATIONS
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi

ITEMS = (0, 1, 1000, 400_001)
"""Of 8 B: small messages go another way than those of 3.2 MB."""
ROUNDS = 3


def values(rank, items):
    return np.arange(items) % 97 + 100.0 * rank


def total(comm, items):
    return sum(values(rank, items) for rank in range(comm.size))


class Exchange:
    """One operation on device arrays: each method returns the array and what it should be."""

    def __init__(self, comm, way, items):
        self.comm, self.items = comm, items
        self.transport, self.arrays = way.transport, way.arrays
        self.left, self.right = (comm.rank - 1) % comm.size, (comm.rank + 1) % comm.size
        self.mine = values(comm.rank, items)

    def make(self, array):
        return self.arrays.from_host(array)

    def blank(self, items):
        return self.make(np.full(items, np.nan))

    def p2p(self):
        sent, received = self.make(self.mine), self.blank(self.items)
        with (
            self.transport.sendbuf(sent, "p2p") as sendbuf,
            self.transport.recvbuf(received, "p2p") as recvbuf,
        ):
            self.comm.Sendrecv(sendbuf, self.right, recvbuf=recvbuf, source=self.left)
        return received, values(self.left, self.items)

    def persistent(self):
        sent, received = self.make(self.mine), self.blank(self.items)
        outgoing = self.transport.attach(sent, "persistent")
        incoming = self.transport.attach(received, "persistent")
        requests = [
            self.comm.Recv_init(incoming.message, self.left),
            self.comm.Send_init(outgoing.message, self.right),
        ]
        for _ in range(ROUNDS):
            incoming.synchronize()
            outgoing.to_mpi()
            MPI.Prequest.Startall(requests)
            MPI.Request.Waitall(requests)
            incoming.from_mpi()
        for request in requests:
            request.Free()
        return received, values(self.left, self.items)

    def bcast(self):
        array = self.make(self.mine)
        with self.transport.buffer(array, "bcast") as buffer:
            self.comm.Bcast(buffer)
        return array, values(0, self.items)

    def gather(self):
        sent, received = self.make(self.mine), self.blank(self.items * self.comm.size)
        with (
            self.transport.sendbuf(sent, "gather") as sendbuf,
            self.transport.recvbuf(received, "gather") as recvbuf,
        ):
            self.comm.Allgather(sendbuf, recvbuf)
        return received, np.concatenate(
            [values(rank, self.items) for rank in range(self.comm.size)]
        )

    def reduction(self):
        sent, received = self.make(self.mine), self.blank(self.items)
        with (
            self.transport.sendbuf(sent, "reduction") as sendbuf,
            self.transport.recvbuf(received, "reduction") as recvbuf,
        ):
            self.comm.Allreduce(sendbuf, recvbuf)
        return received, total(self.comm, self.items)

    def datatype(self):
        wide = np.repeat(self.mine, 2)
        sent, received = self.make(wide), self.make(wide)
        every_second = MPI.DOUBLE.Create_vector(self.items, 1, 2).Commit()
        try:
            with (
                self.transport.sendbuf(sent, "datatype") as sendbuf,
                self.transport.buffer(received, "datatype") as recvbuf,
            ):
                self.comm.Sendrecv(
                    (sendbuf, 1, every_second),
                    self.right,
                    recvbuf=(recvbuf, 1, every_second),
                    source=self.left,
                )
        finally:
            every_second.Free()
        wide[::2] = values(self.left, self.items)
        return received, wide

    def nonblocking(self):
        sent, received = self.make(self.mine), self.blank(self.items * self.comm.size)
        with (
            self.transport.sendbuf(sent, "nonblocking") as sendbuf,
            self.transport.recvbuf(received, "nonblocking") as recvbuf,
        ):
            self.comm.Iallgather(sendbuf, recvbuf).Wait()
        return received, np.concatenate(
            [values(rank, self.items) for rank in range(self.comm.size)]
        )

    def rma(self):
        return self.put("rma", lambda window, buffer: window.Put(buffer, self.right), 0.0)

    def accumulate(self):
        return self.put(
            "accumulate", lambda window, buffer: window.Accumulate(buffer, self.right), self.mine
        )

    def put(self, operation, call, kept):
        """Write to the right; `kept` is what stays of the target's values, as a summand."""
        sent, target = self.make(self.mine), self.make(self.mine)
        with (
            self.transport.sendbuf(sent, operation) as sendbuf,
            self.transport.buffer(target, operation) as memory,
        ):
            window = MPI.Win.Create(memory, memory.dtype.itemsize, comm=self.comm)
            try:
                window.Fence()
                call(window, sendbuf)
                window.Fence()
            finally:
                window.Free()
        return target, values(self.left, self.items) + kept

    def persistent_collective(self):
        array = self.make(self.mine)
        attached = self.transport.attach(array, "persistent_collective")
        request = self.comm.Bcast_init(attached.message)
        for _ in range(ROUNDS):
            attached.to_mpi()
            request.Start()
            request.Wait()
            attached.from_mpi()
        request.Free()
        return array, values(0, self.items)

    def nonblocking_reduction(self):
        sent, received = self.make(self.mine), self.blank(self.items)
        with (
            self.transport.sendbuf(sent, "nonblocking_reduction") as sendbuf,
            self.transport.recvbuf(received, "nonblocking_reduction") as recvbuf,
        ):
            self.comm.Iallreduce(sendbuf, recvbuf).Wait()
        return received, total(self.comm, self.items)


@pytest.mark.parametrize("items", ITEMS)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_moves_the_right_values(comm, way, operation, items):
    received, expected = getattr(Exchange(comm, way, items), operation)()
    found = way.arrays.to_host(received)
    right = np.array_equal(found, expected)
    parallel_assert(comm, right, f"{operation} of {items} items gave {found[:4]}")
