"""Arrays of every kind and length through every algorithm: right, or refused by all ranks."""

import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core import repeat_datatype
from hpcpy_core.errors import InputError
from hpcpy_gpu_allreduce import Allreducer, allreduce
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi

ON_HOST = ("auto", "host", "ring", "recursive_doubling", "rabenseifner", "hierarchical")


def pattern(rank, n, dtype):
    return ((np.arange(n) + 7 * rank) % 13).astype(dtype)


@pytest.mark.parametrize("dtype", ["i4", "f8"])
@pytest.mark.parametrize("n", [100, 101, 2503])
@pytest.mark.parametrize("algorithm", ON_HOST)
def test_more_items_than_mpi_can_count(comm, monkeypatch, algorithm, n, dtype):
    monkeypatch.setattr(repeat_datatype, "LARGEST_COUNT", 100)
    own = pattern(comm.rank, n, dtype)
    expected = sum(pattern(rank, n, "f8") for rank in range(comm.size)).astype(dtype)
    total = allreduce(own, comm=comm, algorithm=algorithm)
    allreduce(MPI.IN_PLACE, own, comm=comm, algorithm=algorithm)
    right = np.array_equal(total, expected) and np.array_equal(own, expected)
    parallel_assert(comm, right, "wrong items")


PLAIN = np.arange(12.0).reshape(3, 4)
REFUSED = {
    "Fortran order": (np.asfortranarray(PLAIN), "another order"),
    "gaps": (np.zeros((3, 8))[:, ::2], "view with gaps"),
    "masked": (np.ma.masked_array(PLAIN, mask=PLAIN > 3), r"masked array.*\.filled\(value\)"),
    "big-endian": (PLAIN.astype(">f8"), "byte order of another machine"),
    "structured": (np.zeros((3, 4), [("a", "f8")]), "cannot reduce"),
    "objects": (PLAIN.astype(object), "cannot reduce object"),
    "list": (PLAIN.tolist(), "is a list, not an array"),
    "unaligned": (np.frombuffer(bytearray(97), "u1")[1:].view("f8").reshape(3, 4), "copy()"),
}


@pytest.mark.parametrize("where", ["sendbuf", "recvbuf"])
@pytest.mark.parametrize("what", REFUSED)
@pytest.mark.parametrize("algorithm", ON_HOST)
def test_one_rank_s_array_is_refused_by_all(comm, algorithm, what, where):
    odd, words = REFUSED[what]
    plain = PLAIN.copy()
    mine, into = plain, np.zeros((3, 4))
    if comm.rank == comm.size - 1:
        mine, into = (odd, into) if where == "sendbuf" else (plain, odd)
    with parallel_raises(comm, InputError, match=words):
        allreduce(mine, into, comm=comm, algorithm=algorithm)
    with (
        Allreducer((3, 4), float, comm, algorithm=algorithm) as reducer,
        parallel_raises(comm, InputError, match=words),
    ):
        reducer.reduce(mine, into)
    parallel_assert(comm, np.array_equal(plain, PLAIN), "what was sent has changed")


@pytest.mark.parametrize("what", ["agreement", "algorithm", "op", "shape", "dtype"])
def test_allreducers_that_differ_are_refused_by_all(comm, what):
    options = {"shape": (3, 4), "dtype": "f8", "agreement": "always", "algorithm": "ring"}
    options["op"] = MPI.SUM
    other = {
        "agreement": "once",
        "algorithm": "host",
        "op": MPI.MAX,
        "shape": (4, 3),
        "dtype": "i8",
    }
    if comm.size == 1:
        return
    if comm.rank == comm.size - 1:
        options[what] = other[what]
    with parallel_raises(comm, InputError, match=rf"not reduce the same .*rank {comm.size - 1}: "):
        Allreducer(options.pop("shape"), options.pop("dtype"), comm, **options)


def test_numbers_of_numpy_are_a_shape(comm):
    shape = [np.int64(3), 4] if comm.rank == 0 else (3, np.int32(4))
    with Allreducer(shape, "f8", comm) as reducer:
        found = reducer.reduce(PLAIN.copy())
    parallel_assert(comm, np.array_equal(found, comm.size * PLAIN), "wrong items")
    with parallel_raises(comm, InputError, match=r"no array has the shape \(-1,\)"):
        Allreducer(-1, "f8", comm)
    with parallel_raises(comm, InputError, match="there is no agreement 'never'"):
        Allreducer(3, "f8", comm, agreement="never")
