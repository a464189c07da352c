"""Messages of device arrays from rank to rank through host memory, in chunks."""

import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core.copy_lane import CHUNK
from hpcpy_core.cuda_driver import Driver
from hpcpy_core.errors import InputError
from hpcpy_core.transport import Transport
from hpcpy_testing.assertions import parallel_assert
from hpcpy_testing.emulated_driver import DeviceArray, Stream, check_synchronised

pytestmark = [pytest.mark.mpi, pytest.mark.usefixtures("with_emulated_driver")]

STAGED = Transport(name="staged", reason="a test")
C = CHUNK
SIZES = [
    (0, "f8"),
    (1, "f8"),
    (1001, "i4"),
    (C // 8, "f8"),
    (C // 16 + 1, "c16"),
    (C - 1, "u1"),
    (C + 8, "u1"),
    (3 * C + 4711, "u1"),
    (5 * C // 4 + 1, "f4"),
]


def pattern(rank, n, dtype):
    """Items that differ between ranks and between chunks."""
    return ((np.arange(n) + np.arange(n) // 1009 + 37 * rank) % 127).astype(dtype)


def ring(comm):
    return (comm.rank - 1) % comm.size, (comm.rank + 1) % comm.size


@pytest.mark.parametrize(("n", "dtype"), SIZES)
def test_sendrecv_round_a_ring(comm, n, dtype):
    before, after = ring(comm)
    sent = DeviceArray.from_host(pattern(comm.rank, n, dtype))
    received = DeviceArray.zeros(n, dtype)
    with check_synchronised():
        STAGED.Sendrecv(comm, sent, after, received, before)
    right = np.array_equal(received.get(), pattern(before, n, dtype))
    parallel_assert(comm, right, "wrong items")


@pytest.mark.parametrize(("n", "dtype"), SIZES[::3])
def test_send_and_recv_along_a_line_that_ends_nowhere(comm, n, dtype):
    source = comm.rank - 1 if comm.rank else MPI.PROC_NULL
    dest = comm.rank + 1 if comm.rank + 1 < comm.size else MPI.PROC_NULL
    array = DeviceArray.from_host(pattern(comm.rank, n, dtype))
    received = DeviceArray.from_host(pattern(99, n, dtype))
    steps = [
        lambda: STAGED.Send(comm, array, dest, 5),
        lambda: STAGED.Recv(comm, received, source, 5),
    ]
    for step in steps if comm.rank % 2 else reversed(steps):
        step()
    expected = pattern(comm.rank - 1 if comm.rank else 99, n, dtype)
    parallel_assert(comm, np.array_equal(received.get(), expected), "wrong items")


def test_directions_of_different_lengths_and_no_direction(comm):
    before, after = ring(comm)
    lengths = [3 * C + 5, 10, 0, C + 1]
    sent = DeviceArray.from_host(pattern(comm.rank, lengths[comm.rank], "u1"))
    received = DeviceArray.zeros(lengths[before], "u1")
    STAGED.Sendrecv(comm, sent, after, received, before)
    right = np.array_equal(received.get(), pattern(before, lengths[before], "u1"))
    STAGED.Sendrecv(comm, sent, MPI.PROC_NULL, received, MPI.PROC_NULL)
    parallel_assert(comm, right, "wrong items")


def test_shapes_may_differ_where_bytes_do_not(comm):
    before, after = ring(comm)
    sent = DeviceArray.from_host(pattern(comm.rank, 3 * 500, "f8").reshape(3, 500))
    received = DeviceArray.zeros((500, 6), "f4")
    STAGED.Sendrecv(comm, sent, after, received, before)
    right = np.array_equal(received.get().view("f8").reshape(-1), pattern(before, 1500, "f8"))
    parallel_assert(comm, right, "wrong items")


@pytest.mark.parametrize("n", [1000, 3 * C // 8 + 7])
def test_copies_wait_for_late_kernels_in_other_streams(comm, n):
    before, after = ring(comm)
    sent = DeviceArray.zeros(n, stream=Stream(non_blocking=True))
    received = DeviceArray.zeros(n, stream=Stream(non_blocking=True))
    sent.launch(lambda items: np.copyto(items, pattern(comm.rank, n, "f8")))
    received.launch(lambda items: items.fill(-1))
    STAGED.Sendrecv(comm, sent, after, received, before)
    received.launch(lambda items: np.add(items, 1, out=items))
    right = np.array_equal(received.get(), pattern(before, n, "f8") + 1)
    parallel_assert(comm, right, "a copy did not wait")


def test_blocks_copy_behind_late_kernels_too(comm):
    before, after = ring(comm)
    sent = DeviceArray.zeros(100, stream=Stream(non_blocking=True))
    received = DeviceArray.zeros(100, stream=Stream(non_blocking=True))
    sent.launch(lambda items: items.fill(comm.rank))
    received.launch(lambda items: items.fill(-1))
    with STAGED.sendbuf(sent) as out, STAGED.recvbuf(received) as into:
        comm.Sendrecv(out, after, recvbuf=into, source=before)
    parallel_assert(comm, np.all(received.get() == before), "a copy did not wait")


def test_any_source_and_any_tag_take_one_message_after_the_other(comm):
    n, came = 3 * C + 1, []
    if comm.rank:
        STAGED.Send(comm, DeviceArray.from_host(pattern(comm.rank, n, "u1")), 0, comm.rank)
    else:
        received = DeviceArray.zeros(n, "u1")
        for _ in range(1, comm.size):
            STAGED.Recv(comm, received, MPI.ANY_SOURCE, MPI.ANY_TAG)
            items = received.get()
            came += [rank for rank in range(9) if np.array_equal(items, pattern(rank, n, "u1"))]
    right = comm.rank > 0 or sorted(came) == list(range(1, comm.size))
    parallel_assert(comm, right, f"whole messages came from {came}")


@pytest.mark.parametrize(
    ("sends", "receives"),
    [
        (5, 6),
        (1, 0),
        (C, C + 1),
        (C + 1, C),
        (0, 2 * C),
        (2 * C, 0),
        (3 * C, 2 * C),
        (3 * C + 1, 3 * C),
    ],
)
def test_another_length_than_the_receiver_s_is_refused_by_it(comm, sends, receives):
    before, after = ring(comm)
    sent = DeviceArray.from_host(pattern(comm.rank, sends, "u1"))
    received = DeviceArray.zeros(receives, "u1")
    with pytest.raises(InputError, match=rf"of {sends} B came for an array of {receives} B"):
        STAGED.Sendrecv(comm, sent, after, received, before)
    untouched = not received.get().any()
    parallel_assert(comm, untouched, "the array was filled")
    # Nothing of that message is left for the next one.
    fitting = DeviceArray.zeros(sends, "u1")
    STAGED.Sendrecv(comm, sent, after, fitting, before)
    parallel_assert(comm, np.array_equal(fitting.get(), pattern(before, sends, "u1")), "left over")


def test_a_sender_comes_to_its_end_whatever_the_receiver_expects(comm):
    last = comm.size - 1
    if comm.rank == 0 and last:
        STAGED.Send(comm, DeviceArray.zeros(4 * C, "u1"), last)
    elif comm.rank == last and last:
        with pytest.raises(InputError, match=rf"of {4 * C} B came for an array of 3 B"):
            STAGED.Recv(comm, DeviceArray.zeros(3, "u1"), 0)
    parallel_assert(comm, True, "all ranks got here")


def test_page_locked_memory_is_allocated_once(comm, monkeypatch):
    before, after = ring(comm)
    n = 2 * C // 8
    sent, received = DeviceArray.zeros(n), DeviceArray.zeros(n)

    def exchange():
        STAGED.Sendrecv(comm, sent, after, received, before)
        with STAGED.sendbuf(sent) as out, STAGED.recvbuf(received) as into:
            comm.Sendrecv(out, after, recvbuf=into, source=before)

    exchange()
    exchange()  # the block's names still hold what was lent to the first
    entries, try_call = [], Driver.try_call

    def note(driver, entry, *arguments):
        entries.append(entry)
        return try_call(driver, entry, *arguments)

    monkeypatch.setattr(Driver, "try_call", note)
    for _ in range(3):
        exchange()
    parallel_assert(comm, entries.count("cuMemcpyDtoHAsync_v2") >= 3 * 3, f"{entries}")
    parallel_assert(comm, "cuMemHostAlloc" not in entries, "page-locked memory was allocated")
    made = [entry for entry in entries if "Create" in entry or "Alloc" in entry]
    parallel_assert(comm, not made, f"{made}")
