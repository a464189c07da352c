"""Each cell of the table in docs/arrays.md is tried."""

import warnings
from pathlib import Path

import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core.device import CPU
from hpcpy_core.errors import InputError
from hpcpy_gpu_allreduce import Allreducer, allreduce
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi

HOST = CPU.transport
PAGE = Path(__file__).parents[4] / "docs" / "arrays.md"
LINES = [line for line in PAGE.read_text().splitlines() if line.startswith("|")]
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in (LINES[0], *LINES[2:])]
CALLS = ROWS[0][1:]
CELLS = [
    (row[0], call, cell) for row in ROWS[1:] for call, cell in zip(CALLS, row[1:], strict=True)
]


def memmap(path):
    return np.memmap(path / f"m{MPI.COMM_WORLD.rank}", "f8", "w+", shape=(2, 3))


def matrix():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        return np.matrix([[1.0, 2.0]])


MAKE = {
    "C-ordered": lambda: np.arange(6.0).reshape(2, 3),
    "Fortran-ordered": lambda: np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "strided": lambda: np.arange(6.0)[::2],
    "masked": lambda: np.ma.masked_array(np.arange(3.0), mask=[1, 0, 0]),
    "big-endian": lambda: np.arange(3, dtype=">f8"),
    "zero-size": lambda: np.zeros((0, 3)),
    "0-d": lambda: np.array(3.0),
    "structured": lambda: np.zeros(2, [("a", "i4"), ("b", "f8")]),
    "objects": lambda: np.array([1, 2], object),
    "datetime64": lambda: np.zeros(2, "M8[s]"),
    "bool": lambda: np.array([True, False]),
    "complex": lambda: np.array([1 + 2j, 3j]),
    "float16": lambda: np.array([1, 2], "f2"),
    "longdouble": lambda: np.array([1, 2], "g"),
    "unaligned": lambda: np.frombuffer(bytearray(25), "u1")[1:].view("f8"),
    "read-only": lambda: np.frombuffer(bytes(24)),
    "matrix": matrix,
    "bytearray": lambda: bytearray(b"\1\2\3"),
    "memoryview": lambda: memoryview(bytearray(b"\1\2\3")),
    "list": lambda: [1.0, 2.0],
}


def empty_like(given):
    """What can be received into, where the array itself could be sent."""
    if isinstance(given, list) or getattr(getattr(given, "dtype", None), "hasobject", False):
        return np.zeros(2)
    items = np.asarray(given)
    return np.zeros(items.shape, items.dtype)


def send(comm, given):
    into = empty_like(given)
    HOST.Sendrecv(comm, given, comm.rank, into, comm.rank)
    if comm.rank == 0 and comm.size > 1:
        HOST.Send(comm, given, 1)
    elif comm.rank == 1:
        HOST.Recv(comm, into, 0)
    return into, 1


def recv(comm, into):
    plain = np.ones_like(empty_like(into))
    HOST.Sendrecv(comm, plain, comm.rank, into, comm.rank)
    return into, plain


def bcast(comm, given):
    into = given if comm.rank == 0 else empty_like(given)
    HOST.Bcast(comm, into)
    return into, 1


def reduce(comm, given):
    into = empty_like(given)
    HOST.Allreduce(comm, given, into)
    HOST.Allreduce(comm, MPI.IN_PLACE, given)
    return into, comm.size


def reduce_by_package(comm, given):
    into = allreduce(given, comm=comm)
    shape, dtype = np.shape(given), np.asarray(given).dtype
    with Allreducer(shape, dtype, comm) as reducer:
        reducer.reduce(MPI.IN_PLACE, given)
    return into, comm.size


DO = dict(zip(CALLS, (send, recv, bcast, reduce, reduce_by_package), strict=True))


@pytest.mark.parametrize(("array", "call", "cell"), CELLS)
def test_the_cell_is_true(comm, tmp_path, array, call, cell):
    given = memmap(tmp_path) if array == "memmap" else MAKE[array]()
    if cell != "works":
        words = cell.strip('"')
        with parallel_raises(comm, InputError) as caught:
            DO[call](comm, given)
        parallel_assert(comm, words in str(caught.error), f"{caught.error}")
        return
    before = None if call == "Transport.Recv" else np.array(given)
    into, factor = DO[call](comm, given)
    if before is not None:
        factor = before if factor == 1 else before * factor
    parallel_assert(comm, np.array_equal(np.asarray(into), factor), f"{into}")


def test_every_kind_is_in_the_table(comm):
    parallel_assert(comm, {row[0] for row in ROWS[1:]} == {*MAKE, "memmap"} and len(CELLS) == 105)
