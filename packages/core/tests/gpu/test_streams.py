"""A message takes what the kernels before it write, and comes before those behind it."""

import numpy as np
import pytest

from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi

ITEMS = (3, 300_000)
EARLIER, LATER = -1.0, -2.0


@pytest.fixture(params=[False, True], ids=["default stream", "own stream"])
def stream(request, way):
    return way.arrays.new_stream() if request.param else None


@pytest.mark.parametrize("items", ITEMS)
def test_a_message_waits_for_the_kernel_that_writes_it(comm, way, stream, items):
    arrays = way.arrays
    sent = arrays.from_host(np.full(items, EARLIER), stream)
    received = arrays.from_host(np.full(items, EARLIER), stream)
    arrays.fill_late(sent, comm.rank + 1, stream)
    with arrays.on(stream):
        way.transport.Allreduce(comm, sent, received)
    found = arrays.to_host(received)
    expected = comm.size * (comm.size + 1) / 2
    parallel_assert(comm, (found == expected).all(), f"{found[:3]}, not {expected}")


@pytest.mark.parametrize("items", ITEMS)
def test_a_message_is_not_overwritten_by_a_kernel_before_it(comm, way, stream, items):
    arrays = way.arrays
    right, left = (comm.rank + 1) % comm.size, (comm.rank - 1) % comm.size
    sent = arrays.from_host(np.full(items, float(comm.rank)), stream)
    received = arrays.from_host(np.full(items, EARLIER), stream)
    arrays.fill_late(received, LATER, stream)
    with arrays.on(stream):
        way.transport.Sendrecv(comm, sent, right, received, left)
    found = arrays.to_host(received)
    parallel_assert(comm, (found == left).all(), f"{found[:3]}, not {left}")


@pytest.mark.parametrize("items", ITEMS)
def test_a_kernel_behind_a_message_finds_what_came(comm, way, stream, items):
    arrays = way.arrays
    array = arrays.from_host(np.full(items, float(comm.rank + 5)), stream)
    with arrays.on(stream):
        way.transport.Bcast(comm, array)
        arrays.fill_late(array, LATER, stream)
        way.transport.Bcast(comm, array)
    found = arrays.to_host(array)
    parallel_assert(comm, (found == LATER).all(), f"{found[:3]}, not {LATER}")
