"""Broadcasts and reductions of device arrays through host memory, in chunks."""

import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core.copy_lane import CHUNK
from hpcpy_core.errors import InputError
from hpcpy_core.transport import Transport
from hpcpy_testing.assertions import parallel_assert, parallel_raises
from hpcpy_testing.emulated_driver import DeviceArray, Stream, check_synchronised

pytestmark = [pytest.mark.mpi, pytest.mark.usefixtures("with_emulated_driver")]

STAGED = Transport(name="staged", reason="a test")
C = CHUNK
SIZES = [
    (0, "f8"),
    (1, "i4"),
    (1001, "c8"),
    (C // 8 - 1, "f8"),
    (C // 8, "i8"),
    (C // 16 + 1, "c16"),
    (C + 8, "u1"),
    (2 * C // 4, "f4"),
    (3 * C + 1, "i1"),
    (3 * C // 8 + 589, "f8"),
]


def pattern(rank, n, dtype):
    """Small whole numbers, whose sums are exact in every type."""
    return ((np.arange(n) + np.arange(n) // 1009 + 7 * rank) % 31).astype(dtype)


@pytest.mark.parametrize(("n", "dtype"), SIZES)
def test_bcast(comm, n, dtype):
    root = comm.size - 1
    array = DeviceArray.from_host(pattern(comm.rank, n, dtype))
    with check_synchronised():
        STAGED.Bcast(comm, array, root)
    right = np.array_equal(array.get(), pattern(root, n, dtype))
    parallel_assert(comm, right, "wrong items")


@pytest.mark.parametrize(("n", "dtype"), SIZES)
def test_allreduce(comm, n, dtype):
    own = pattern(comm.rank, n, dtype)
    sent, received = DeviceArray.from_host(own), DeviceArray.zeros(n, dtype)
    expected = sum(pattern(rank, n, "f8") for rank in range(comm.size)).astype(dtype)
    with check_synchronised():
        STAGED.Allreduce(comm, sent, received)
        kept = np.array_equal(sent.get(), own)
        STAGED.Allreduce(comm, MPI.IN_PLACE, sent)
    right = np.array_equal(received.get(), expected) and np.array_equal(sent.get(), expected)
    parallel_assert(comm, right and kept, "wrong items")


@pytest.mark.parametrize(("op", "expected"), [(MPI.MAX, np.max), (MPI.PROD, np.prod)])
def test_other_operations(comm, op, expected):
    n = 3 * C // 8
    received = DeviceArray.zeros(n)
    STAGED.Allreduce(comm, DeviceArray.from_host(pattern(comm.rank, n, "f8")), received, op)
    every = np.array([pattern(rank, n, "f8") for rank in range(comm.size)])
    parallel_assert(comm, np.array_equal(received.get(), expected(every, axis=0)), "wrong items")


@pytest.mark.parametrize("n", [1000, 3 * C // 8 + 7])
def test_copies_wait_for_late_kernels_in_other_streams(comm, n):
    sent = DeviceArray.zeros(n, stream=Stream(non_blocking=True))
    received = DeviceArray.zeros(n, stream=Stream(non_blocking=True))
    sent.launch(lambda items: np.copyto(items, pattern(comm.rank, n, "f8")))
    received.launch(lambda items: items.fill(-1))
    STAGED.Bcast(comm, sent)
    STAGED.Allreduce(comm, sent, received)
    received.launch(lambda items: np.add(items, 1, out=items))
    right = np.array_equal(received.get(), comm.size * pattern(0, n, "f8") + 1)
    parallel_assert(comm, right, "a copy did not wait")


@pytest.mark.parametrize("length", [0, 5, C, C + 1, 3 * C])
def test_a_rank_with_another_length_than_the_root_s_is_named_to_all(comm, length):
    root, n = 0, 2 * C + 8
    array = DeviceArray.from_host(pattern(0, n if comm.rank == root else length, "u1"))
    if comm.size == 1:
        STAGED.Bcast(comm, array, root)
    else:
        message = rf"rank 0: staged, {n} items of uint8 from rank 0; ranks? .*: .* {length} items"
        with parallel_raises(comm, InputError, match=message):
            STAGED.Bcast(comm, array, root)
    # Nothing of it is left, and the array is as it was.
    total = DeviceArray.zeros(1)
    STAGED.Allreduce(comm, DeviceArray.from_host(np.ones(1)), total)
    same = np.array_equal(array.get(), pattern(0, array.size, "u1"))
    parallel_assert(comm, same and total.get()[0] == comm.size, "left over")


@pytest.mark.parametrize("n", [3, 2 * C])
def test_arrays_of_different_lengths_are_refused_by_all(comm, n):
    own = n + (8 if comm.rank == comm.size - 1 else 0)
    array = DeviceArray.zeros(own, "u1")
    if comm.size == 1:
        STAGED.Allreduce(comm, array, array)
    else:
        with parallel_raises(comm, InputError, match=rf": .* {n} items .*: .* {n + 8} items"):
            STAGED.Allreduce(comm, array, array)
    parallel_assert(comm, not array.get().any(), "the array was filled")


def test_a_refused_array_is_refused_before_anything_is_sent(comm):
    with parallel_raises(comm, InputError, match="sendbuf has 24 B of float64, but recvbuf 8 B"):
        STAGED.Allreduce(comm, DeviceArray.zeros(3), DeviceArray.zeros(1))
    with parallel_raises(comm, InputError, match="is read-only"):
        STAGED.Allreduce(comm, MPI.IN_PLACE, DeviceArray.zeros(3, readonly=True))
    with parallel_raises(comm, InputError, match="is not in device memory"):
        STAGED.Bcast(comm, np.zeros(3))
    root = comm.size - 1
    array = DeviceArray.zeros(3, readonly=comm.rank == root)  # it is only read there
    STAGED.Bcast(comm, array, root)
    parallel_assert(comm, not array.get().any(), "wrong items")


@pytest.mark.parametrize("n", [8, 2 * C + 1])
def test_what_mpi_does_not_combine_is_explained(comm, n):
    """A bitwise or of floats, which no MPI has; bool cannot be added by all of them."""
    received = DeviceArray.zeros(n, "f4")
    with parallel_raises(comm, InputError, match=r"items of float32 by that op: pass numbers"):
        STAGED.Allreduce(comm, DeviceArray.zeros(n, "f4"), received, op=MPI.BOR)
    STAGED.Allreduce(comm, DeviceArray.from_host(pattern(0, n, "f4")), received, op=MPI.MAX)
    parallel_assert(comm, np.array_equal(received.get(), pattern(0, n, "f4")), "wrong items")
