"""Whole messages: of every size about that of a chunk, of several types, in both directions."""

import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core.copy_lane import CHUNK
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi

SIZES = (0, 8, CHUNK - 8, CHUNK, CHUNK + 8, 2 * CHUNK, 5 * CHUNK + 8)
"""In bytes."""


def values(rank, nbytes, dtype):
    items = np.arange(nbytes // np.dtype(dtype).itemsize)
    return (items % 89 + rank).astype(dtype)


@pytest.mark.parametrize("dtype", [np.float64, np.int32, np.complex64])
@pytest.mark.parametrize("nbytes", SIZES)
def test_sendrecv(comm, way, nbytes, dtype):
    sent = way.arrays.from_host(values(comm.rank, nbytes, dtype))
    received = way.arrays.from_host(values(-1, nbytes, dtype))
    left, right = (comm.rank - 1) % comm.size, (comm.rank + 1) % comm.size
    way.transport.Sendrecv(comm, sent, right, received, left)
    found = way.arrays.to_host(received)
    parallel_assert(comm, np.array_equal(found, values(left, nbytes, dtype)), f"{found[:4]}")


@pytest.mark.parametrize("nbytes", SIZES)
def test_send_and_recv(comm, way, nbytes):
    array = way.arrays.from_host(values(comm.rank, nbytes, np.float64))
    if comm.rank == 0:
        way.transport.Send(comm, array, comm.size - 1 if comm.size > 1 else MPI.PROC_NULL)
    elif comm.rank == comm.size - 1:
        way.transport.Recv(comm, array, 0)
    last = 0 if comm.rank == comm.size - 1 else comm.rank
    found = way.arrays.to_host(array)
    parallel_assert(comm, np.array_equal(found, values(last, nbytes, np.float64)), f"{found[:4]}")


@pytest.mark.parametrize("nbytes", SIZES)
def test_bcast(comm, way, nbytes):
    array = way.arrays.from_host(values(comm.rank, nbytes, np.float64))
    root = comm.size - 1
    way.transport.Bcast(comm, array, root)
    found = way.arrays.to_host(array)
    parallel_assert(comm, np.array_equal(found, values(root, nbytes, np.float64)), f"{found[:4]}")


@pytest.mark.parametrize("in_place", [False, True])
@pytest.mark.parametrize("nbytes", SIZES)
def test_allreduce(comm, way, nbytes, in_place):
    array = way.arrays.from_host(values(comm.rank, nbytes, np.float64))
    result = array if in_place else way.arrays.from_host(values(-1, nbytes, np.float64))
    way.transport.Allreduce(comm, MPI.IN_PLACE if in_place else array, result)
    expected = sum(values(rank, nbytes, np.float64) for rank in range(comm.size))
    found = way.arrays.to_host(result)
    parallel_assert(comm, np.array_equal(found, expected), f"{found[:4]}")
