"""Device arrays handed to MPI as they are, where the MPI of this process was built with CUDA.

It is told by what it loads: libcuda, before the driver is loaded here. For any other MPI,
a direct transport for no operation stages them, and the same has to come out.
"""

from pathlib import Path

import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core.awareness.operations import OPERATIONS
from hpcpy_core.errors import InputError
from hpcpy_core.transport import Transport
from hpcpy_testing.assertions import parallel_assert
from hpcpy_testing.emulated_driver import DeviceArray, Stream, check_synchronised

BUILT_WITH_CUDA = "libcuda.so" in Path("/proc/self/maps").read_text()

pytestmark = [
    pytest.mark.mpi,
    pytest.mark.usefixtures("with_emulated_driver"),
    pytest.mark.parametrize(
        "transport",
        [
            pytest.param(
                Transport(
                    name="direct",
                    reason="a test",
                    direct_for=frozenset(OPERATIONS if BUILT_WITH_CUDA else ()),
                ),
                id="direct" if BUILT_WITH_CUDA else "staged stands in",
            )
        ],
    ),
]


def late(n, rank):
    """Return items that a kernel writes some time later."""
    array = DeviceArray.zeros(n, stream=Stream(non_blocking=True))
    array.launch(lambda items: np.copyto(items, np.arange(n) + 100.0 * rank))
    return array


def overwritten(n):
    """Return an array that a kernel will fill with something else, unless it is waited for."""
    array = DeviceArray.zeros(n, stream=Stream(non_blocking=True))
    array.launch(lambda items: items.fill(-1))
    return array


@pytest.mark.parametrize("n", [0, 1, 700, 500_000])
def test_whole_messages(comm, transport, n):
    before, after = (comm.rank - 1) % comm.size, (comm.rank + 1) % comm.size
    sent = late(n, comm.rank)
    received, total = overwritten(n), overwritten(n)
    with check_synchronised():
        transport.Sendrecv(comm, sent, after, received, before)
        transport.Allreduce(comm, sent, total)
        transport.Allreduce(comm, MPI.IN_PLACE, sent, MPI.MIN)
    expected = comm.size * np.arange(n) + 100.0 * sum(range(comm.size))
    parallel_assert(comm, np.array_equal(received.get(), np.arange(n) + 100.0 * before), "Sendrecv")
    parallel_assert(comm, np.array_equal(total.get(), expected), "Allreduce")
    parallel_assert(comm, np.array_equal(sent.get(), np.arange(n)), "in place")


@pytest.mark.parametrize("n", [1, 700, 500_000])
def test_a_line_and_a_broadcast(comm, transport, n):
    source = comm.rank - 1 if comm.rank else MPI.PROC_NULL
    dest = comm.rank + 1 if comm.rank + 1 < comm.size else MPI.PROC_NULL
    sent = late(n, comm.rank)
    received = overwritten(n)
    with check_synchronised():
        if comm.rank % 2:
            transport.Recv(comm, received, source)
            transport.Send(comm, sent, dest)
        else:
            transport.Send(comm, sent, dest)
            transport.Recv(comm, received, source)
        came = received.get()
        transport.Bcast(comm, received if comm.rank else sent)
    expected = np.arange(n) + 100.0 * (comm.rank - 1) if comm.rank else np.full(n, -1.0)
    parallel_assert(comm, np.array_equal(came, expected), "Send and Recv")
    given = (received if comm.rank else sent).get()
    parallel_assert(comm, np.array_equal(given, np.arange(n)), "Bcast")


def test_blocks_and_persistent_requests(comm, transport):
    n, before, after = 700, (comm.rank - 1) % comm.size, (comm.rank + 1) % comm.size
    sent = late(n, comm.rank)
    parts = overwritten(n * comm.size)
    with (
        check_synchronised(),
        transport.sendbuf(sent, "gather") as sendbuf,
        transport.recvbuf(parts, "gather") as recvbuf,
    ):
        comm.Allgather(sendbuf, recvbuf)
    every = np.concatenate([np.arange(n) + 100.0 * rank for rank in range(comm.size)])
    parallel_assert(comm, np.array_equal(parts.get(), every), "Allgather")

    received = DeviceArray.zeros(n, stream=Stream(non_blocking=True))
    out, into = (transport.attach(each, "persistent") for each in (sent, received))
    requests = [comm.Recv_init(into.message, before), comm.Send_init(out.message, after)]
    for step in range(3):
        sent.launch(lambda items: np.add(items, 1, out=items))
        received.launch(lambda items: items.fill(-1))
        out.to_mpi()
        into.synchronize()
        MPI.Prequest.Startall(requests)
        MPI.Request.Waitall(requests)
        into.from_mpi()
        right = np.array_equal(received.get(), np.arange(n) + 100.0 * before + step + 1)
        parallel_assert(comm, right, f"step {step}")
    for request in requests:
        request.Free()


def test_what_is_no_device_memory_is_refused(comm, transport):
    """An MPI that takes device memory would take it for what it calls itself."""
    with pytest.raises(InputError, match="is not in device memory"):
        transport.Bcast(comm, np.zeros(3))
    with (
        pytest.raises(InputError, match="is read-only"),
        transport.recvbuf(DeviceArray(3, readonly=True), "p2p"),
    ):
        pass
    parallel_assert(comm, True, "all ranks got here")
