"""Chunks through page-locked memory: values, and streams that are waited for."""

import numpy as np
import pytest

from hpcpy_core.copy_lane import CHUNK
from hpcpy_gpu_allreduce.pipelined import Pipelined
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi

SIZES = (8, CHUNK - 8, CHUNK, CHUNK + 8, 5 * CHUNK + 8)
"""In bytes."""


def values(rank, count):
    return np.arange(count) % 89.0 + rank


def total(comm, count):
    return sum(values(rank, count) for rank in range(comm.size))


@pytest.mark.parametrize("in_place", [False, True])
@pytest.mark.parametrize("nbytes", SIZES)
def test_sums(comm, gpu, make_case, nbytes, in_place):
    algorithm, count = Pipelined(make_case(nbytes // 8)), nbytes // 8
    sent = gpu.from_host(values(comm.rank, count))
    into = sent if in_place else gpu.from_host(np.full(count, np.nan))
    algorithm.run(sent, into)
    got = gpu.to_host(into)
    parallel_assert(comm, np.array_equal(got, total(comm, count)), str(got))


def test_a_late_kernel_is_waited_for(comm, gpu, make_case):
    """The input is made in a stream that the default stream does not wait for."""
    count = (3 * CHUNK + 8) // 8
    algorithm, stream = Pipelined(make_case(count)), gpu.new_stream()
    for turn in range(3):
        with gpu.on(stream):
            array = gpu.from_host(np.zeros(count), stream)
            gpu.fill_late(array, turn + values(comm.rank, count), stream)
            algorithm.run(array, array)
            got = gpu.to_host(array)
        right = comm.size * turn + total(comm, count)
        parallel_assert(comm, np.array_equal(got, right), str(got))
