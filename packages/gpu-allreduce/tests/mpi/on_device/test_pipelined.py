"""Chunks that overlap: values, bits and calls; the order of copies is tested with core's loop."""

from hashlib import blake2b

import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core.copy_lane import CHUNK, in_chunks
from hpcpy_gpu_allreduce.explain_lack import explain_lack
from hpcpy_gpu_allreduce.names import DTYPES
from hpcpy_gpu_allreduce.pipelined import Pipelined
from hpcpy_gpu_allreduce.reduction import REDUCTIONS
from hpcpy_gpu_allreduce.staged import Staged
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi

SIZES = (0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 1)


def values(rank, count, dtype):
    """Small whole numbers, whose sums are exact in every type; chunks differ."""
    return ((np.arange(count) + 7 * rank) % 31).astype(dtype)


def total(comm, count, dtype):
    return sum(values(rank, count, "f8") for rank in range(comm.size)).astype(dtype)


@pytest.mark.parametrize("count", SIZES)
def test_lengths_about_that_of_a_chunk(comm, gpu, make_case, count):
    algorithm, own = Pipelined(make_case(count, "u1")), values(comm.rank, count, "u1")
    sent, into = gpu.array(own), gpu.array(np.full(count, 99, "u1"))
    algorithm.run(sent, into)
    kept = np.array_equal(sent.get(), own)
    algorithm.run(sent, sent)
    expected = total(comm, count, "u1")
    right = np.array_equal(into.get(), expected) and np.array_equal(sent.get(), expected)
    parallel_assert(comm, kept and right, "wrong items")


def test_all_dtypes_in_two_chunks(comm, gpu, make_case):
    wrong = []
    for dtype in map(np.dtype, DTYPES):
        if explain_lack(dtype, REDUCTIONS["sum"]) is None:
            count = CHUNK // dtype.itemsize + 1
            array = gpu.array(values(comm.rank, count, dtype))
            Pipelined(make_case(count, dtype)).run(array, array)
            if not np.array_equal(array.get(), total(comm, count, dtype)):
                wrong.append(str(dtype))
    parallel_assert(comm, not wrong, str(wrong))


def test_the_bits_are_the_same_on_all_ranks_and_in_every_run(comm, gpu, make_case):
    count = (2 * CHUNK + 4096) // 16
    random = np.random.default_rng([7, comm.rank])
    array = gpu.array(random.uniform(0.5, 1.5, count) * np.exp(1j * random.uniform(0, 6, count)))
    algorithm, into = Pipelined(make_case(count, "c16", "prod")), gpu.array(np.zeros(count, "c16"))
    runs = set()
    for _ in range(2):
        algorithm.run(array, into)
        runs.add(blake2b(into.get().tobytes()).digest())
    parallel_assert(comm, len(set.union(*comm.allgather(runs))) == 1, "other bits")


@pytest.mark.parametrize(
    ("algorithm", "count", "calls"),
    [
        (Staged, 3 * CHUNK + 1, [("Allreduce", 3 * CHUNK + 1)]),
        (Pipelined, CHUNK, [("Allreduce", CHUNK)]),
        (
            *(Pipelined, 3 * CHUNK + 1),
            [("Iallreduce", size) for _, size in in_chunks(3 * CHUNK + 1)],
        ),
    ],
)
def test_what_mpi_is_called_for(comm, gpu, make_case, algorithm, count, calls):
    """Staged is one long call; in pipelined nothing blocks, since its caller has agreed."""
    seen = []

    class Watching(MPI.Intracomm):
        def Allreduce(self, sendbuf, recvbuf, op):  # noqa: N802 - MPI's name
            seen.append(("Allreduce", _count_bytes(recvbuf)))
            super().Allreduce(sendbuf, recvbuf, op)

        def Iallreduce(self, sendbuf, recvbuf, op):  # noqa: N802 - MPI's name
            seen.append(("Iallreduce", _count_bytes(recvbuf)))
            return super().Iallreduce(sendbuf, recvbuf, op)

    sent, into = gpu.array(np.ones(count, "u1")), gpu.array(np.zeros(count, "u1"))
    algorithm(make_case(count, "u1", comm=Watching(comm))).run(sent, into)
    parallel_assert(comm, seen == calls, str(seen))
    parallel_assert(comm, (into.get() == comm.size).all(), "wrong items")


def _count_bytes(buffer):
    """Return the length of what is passed to MPI: an array, or (buffer, count, datatype)."""
    return (buffer[0] if isinstance(buffer, tuple) else buffer).nbytes
