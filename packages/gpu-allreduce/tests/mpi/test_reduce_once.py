import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core.errors import HpcpyError, InputError
from hpcpy_gpu_allreduce import allreduce, ring
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi


def test_one_call(comm):
    ranks = np.arange(comm.size)
    found = allreduce(np.array([comm.rank, -comm.rank]), comm=comm)
    parallel_assert(comm, found.tolist() == [ranks.sum(), -ranks.sum()])
    into = np.empty(1)
    found = allreduce(np.array([comm.rank + 1.0]), into, MPI.PROD, comm=comm, algorithm="ring")
    parallel_assert(comm, found is into and into[0] == (ranks + 1.0).prod())
    allreduce(MPI.IN_PLACE, into, MPI.MAX, comm=comm)
    parallel_assert(comm, into[0] == (ranks + 1.0).prod())


def test_nothing_to_reduce(comm):
    for shape in ((0,), (3, 0)):
        found = allreduce(np.empty(shape, "i2"), comm=comm)
        parallel_assert(comm, found.shape == shape and found.dtype == np.int16)


def test_shapes_that_differ_name_the_ranks(comm):
    last = comm.size - 1
    array = np.zeros((2, 3) if comm.rank == last else 6)
    if last == 0:
        assert allreduce(array, comm=comm).shape == (2, 3)
        return
    others = "rank 0" if last == 1 else f"ranks {', '.join(map(str, range(last)))}"
    words = rf"\({others}: float64 of shape \(6,\).*; rank {last}: float64 of shape \(2, 3\)"
    with parallel_raises(comm, InputError, match=words) as caught:
        allreduce(array, comm=comm)
    parallel_assert(comm, caught.error.agreed)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"sendbuf": [1, 2]}, "sendbuf is a list"),
        ({"sendbuf": np.zeros((4, 4)).T}, "numpy.ascontiguousarray"),
        ({"sendbuf": np.zeros(2, "D"), "op": MPI.MAX}, "has no order"),
        ({"sendbuf": np.zeros(2), "op": MPI.LXOR}, "not supported here"),
        ({"sendbuf": np.zeros(2), "algorithm": "rabenseifer"}, "did you mean 'rabenseifner'"),
        ({"sendbuf": np.zeros(2), "algorithm": "nccl"}, "'nccl' is not possible here"),
        ({"sendbuf": np.zeros(2), "recvbuf": np.zeros(3)}, "but recvbuf is"),
        ({"sendbuf": MPI.IN_PLACE}, "IN_PLACE needs a recvbuf"),
    ],
)
def test_what_is_wrong_on_one_rank_is_refused_on_all(comm, given, words):
    wrong = comm.rank == comm.size // 2
    with parallel_raises(comm, InputError, match=words) as caught:
        allreduce(**(given if wrong else {"sendbuf": np.zeros(2)} | _same(given)), comm=comm)
    parallel_assert(comm, caught.error.agreed)


def _same(given):
    """Return what all ranks pass alike: an algorithm that is not possible is so on all."""
    return {"algorithm": "nccl"} if given.get("algorithm") == "nccl" else {}


def test_too_little_memory_on_one_rank_is_told_by_all(comm, monkeypatch):
    def fail(self, case):
        raise MemoryError("Unable to allocate 4 TiB")

    if comm.rank == comm.size - 1:
        monkeypatch.setattr(ring.Ring, "__init__", fail)
    words = f"no memory for algorithm 'ring' with 16 B on rank {comm.size - 1}: Unable to allocate"
    with parallel_raises(comm, HpcpyError, match=words) as caught:
        allreduce(np.zeros(2), comm=comm, algorithm="ring")
    parallel_assert(comm, caught.error.agreed and caught.error.exit_code == 1)


def test_the_check_costs_one_small_allreduce(comm, monkeypatch):
    """After the first call of a kind nothing but that, and the reduction itself, is collective."""
    allreduce(np.zeros(2), comm=comm, algorithm="host")
    calls = []

    class Counting(MPI.Intracomm):
        def Allreduce(self, sendbuf, recvbuf, op=MPI.SUM):  # noqa: N802 - MPI's name
            calls.append(recvbuf.size)
            super().Allreduce(sendbuf, recvbuf, op=op)

        def allgather(self, value):
            calls.append("allgather")
            return super().allgather(value)

    from hpcpy_gpu_allreduce.attached import attach

    attached = attach(comm)
    monkeypatch.setitem(attached.__dict__, "comm", Counting(attached.comm))
    allreduce(np.zeros(2), comm=comm, algorithm="host")
    assert calls == [3, 2]
