"""Every algorithm for NumPy arrays against NumPy, on all dtypes, operations and odd sizes."""

import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_gpu_allreduce import Allreducer, hierarchical, messages
from hpcpy_gpu_allreduce.explain_lack import explain_lack
from hpcpy_gpu_allreduce.names import DTYPES, UFUNCS
from hpcpy_gpu_allreduce.reduction import REDUCTIONS
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi

NAMES = ["host", "ring", "recursive_doubling", "rabenseifner", "hierarchical"]

ULPS = {"float16": 2e-3, "float32": 2e-7, "complex64": 3e-7}


@pytest.fixture(autouse=True)
def short_segments(monkeypatch):
    """Let small arrays go in many segments and chunks, with a rest."""
    monkeypatch.setattr(messages, "SEGMENT", 64)
    monkeypatch.setattr(hierarchical, "CHUNK", 48)


def make_items(rank, count, dtype):
    random = np.random.default_rng([7, rank, count])
    if np.dtype(dtype).kind in "iu":
        return random.integers(0, 100, count).astype(dtype)
    items = random.uniform(0.5, 1.5, count)
    phases = np.exp(1j * random.uniform(0, 6, count))
    return (items * phases if np.dtype(dtype).kind == "c" else items).astype(dtype)


def reduce_all(comm, count, dtype, operation):
    """Return what NumPy makes of the items of all ranks at once, one digit wider where it can."""
    wide = {"f": "f8", "c": "c16"}.get(np.dtype(dtype).kind, dtype)
    items = np.array([make_items(rank, count, dtype) for rank in range(comm.size)], wide)
    return getattr(np, UFUNCS[operation]).reduce(items, axis=0, dtype=wide)


def find_mistake(comm, algorithm, count, dtype, operation):
    """Reduce with separate arrays and in place; return what is wrong, or None."""
    items, expected = make_items(comm.rank, count, dtype), reduce_all(comm, count, dtype, operation)
    op = getattr(MPI, operation.upper())
    with Allreducer(count, dtype, comm, op=op, algorithm=algorithm, agreement="once") as reducer:
        sent = items.copy()
        apart = reducer.reduce(sent, np.zeros(count, dtype))
        reducer.sendbuf[...] = items
        inside = reducer.reduce(MPI.IN_PLACE, reducer.sendbuf)
    close = np.allclose(apart, expected, rtol=comm.size * ULPS.get(dtype, 5e-16), atol=0)
    if close and np.array_equal(apart, inside) and np.array_equal(sent, items):
        return None
    return f"{operation} of {count} {dtype}: {apart[:3]}, {inside[:3]}, not {expected[:3]}"


@pytest.mark.parametrize("algorithm", NAMES)
def test_all_dtypes(comm, algorithm):
    mistakes = [
        find_mistake(comm, algorithm, 101, dtype, operation)
        for dtype in DTYPES
        for operation in ("sum", "prod" if dtype.startswith("c") else "max")
        if algorithm != "host" or not explain_lack(np.dtype(dtype), REDUCTIONS[operation])
    ]
    parallel_assert(comm, not any(mistakes), str(mistakes))


@pytest.mark.parametrize("algorithm", NAMES)
def test_all_operations_and_odd_sizes(comm, algorithm):
    sizes = sorted({0, 1, comm.size - 1, comm.size + 1, 29})
    mistakes = [
        find_mistake(comm, algorithm, count, "float64", operation)
        for count in sizes
        for operation in UFUNCS
    ]
    parallel_assert(comm, not any(mistakes), str(mistakes))


@pytest.mark.parametrize("algorithm", NAMES)
def test_the_bits_are_the_same_on_all_ranks_and_in_every_run(comm, algorithm):
    for dtype in ("float32", "complex128"):
        items = make_items(comm.rank, 1009, dtype)
        with Allreducer(1009, dtype, comm, op=MPI.PROD, algorithm=algorithm) as reducer:
            runs = {reducer.reduce(items).tobytes() for _ in range(3)}
        everybody = comm.allgather(runs)
        parallel_assert(comm, len(set.union(*everybody)) == 1)


@pytest.mark.parametrize("algorithm", NAMES)
def test_arrays_longer_than_segments_as_they_really_are(comm, monkeypatch, algorithm):
    monkeypatch.undo()
    count = 150_001  # 1.2 MB: several segments, and blocks of different length
    items = np.arange(count, dtype="int64") * (comm.rank + 1)
    with Allreducer(count, "int64", comm, algorithm=algorithm) as reducer:
        found = reducer.reduce(items)
    factor = comm.size * (comm.size + 1) // 2
    parallel_assert(comm, np.array_equal(found, np.arange(count) * factor))


@pytest.mark.parametrize("algorithm", NAMES)
def test_arrays_of_any_shape(comm, algorithm):
    shapes = [(), (3, 5), (0, 4), (2, 1, 9)]
    for shape in shapes:
        items = np.full(shape, comm.rank + 1.0)
        with Allreducer(shape, float, comm, algorithm=algorithm, op=MPI.MAX) as reducer:
            found = reducer.reduce(items)
        parallel_assert(comm, found.shape == shape and (found == comm.size).all())


@pytest.mark.parametrize("algorithm", NAMES)
def test_infinities_and_nans_go_through(comm, algorithm):
    items = np.full(40, 1.0)
    items[comm.rank % 40 :: 7] = np.inf
    items[39] = np.nan if comm.rank == comm.size - 1 else 1.0
    with Allreducer(40, float, comm, algorithm=algorithm) as reducer:
        found = reducer.reduce(items)
    parallel_assert(comm, np.isnan(found[39]) and np.isinf(found[comm.rank % 40]))
