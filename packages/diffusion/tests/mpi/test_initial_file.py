import os

import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core.errors import HpcpyError, InputError
from hpcpy_diffusion import Parameters, run
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi


@pytest.fixture
def path(comm, tmp_path):
    """Return one path for all ranks."""
    return comm.bcast(tmp_path / "start.npy", root=0)


def write(comm, path, field):
    if comm.rank == 0:
        np.save(path, field)
    comm.Barrier()


def test_a_run_goes_on_from_a_saved_field_bit_for_bit(comm, path):
    dt = Parameters(dx=20 / 37).dt
    whole = run(Parameters(dx=20 / 37, runtime=30.5 * dt), comm=MPI.COMM_SELF).gather()
    run(Parameters(dx=20 / 37, runtime=20.5 * dt), comm=comm).save(path)
    rest = run(Parameters(dx=20 / 37, runtime=10.5 * dt, initial=str(path)), comm=comm).gather()
    parallel_assert(comm, comm.rank != 0 or np.array_equal(rest, whole), "fields differ")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda field: field.__setitem__((0, 3), 1.0), "the boundary of the field is not zero"),
        (lambda field: field.__setitem__((3, -1), 1.0), "the boundary of the field is not zero"),
        (lambda field: field.__setitem__((7, 7), np.nan), "not a field of finite real numbers"),
    ],
    ids=["first-row", "last-column", "nan"],
)
def test_a_field_that_cannot_start_a_run_is_refused(comm, path, change, words):
    field = np.zeros((12, 12))
    change(field)
    write(comm, path, field)
    with parallel_raises(comm, HpcpyError, match=words):
        run(Parameters(dx=2.0, runtime=1.0, initial=str(path)), comm=comm)


@pytest.mark.parametrize("field", [np.zeros((9, 9)), np.zeros((12, 12), dtype=int)])
def test_a_field_of_another_shape_or_kind_is_refused(comm, path, field):
    write(comm, path, field)
    with parallel_raises(comm, HpcpyError, match=r"start\.npy"):
        run(Parameters(dx=2.0, runtime=1.0, initial=str(path)), comm=comm)


def test_a_missing_file_is_named(comm, path):
    with parallel_raises(comm, HpcpyError, match=r"start\.npy"):
        run(Parameters(dx=2.0, runtime=1.0, initial=str(path)), comm=comm)


@pytest.mark.parametrize(
    ("value", "dtype", "words"),
    [
        (1e308, "float64", "holds 1e.308, and a step adds up 8 terms .*: scale the field to 2.25e"),
        (-3e307, "float64", "holds 3e.307"),
        (1e39, "float32", "beyond the range of float32: scale the field .*, or use float64"),
        (1e38, "float32", "beyond the range of float32"),
        (np.inf, "float32", "not a field of finite real numbers"),
    ],
)
def test_values_beyond_the_range_of_the_arithmetic_are_refused(comm, path, value, dtype, words):
    field = np.zeros((12, 12))
    field[5, 6] = value
    write(comm, path, field)
    with parallel_raises(comm, InputError, match=words):
        run(Parameters(dx=2.0, runtime=1.0, initial=str(path), dtype=dtype), comm=comm)


def test_large_values_within_the_range_stay_finite(comm, path):
    field = np.zeros((12, 12))
    field[1:-1, 1:-1] = np.where(np.indices((10, 10)).sum(0) % 2, 2e307, -2e307)
    write(comm, path, field)
    result = run(Parameters(dx=2.0, runtime=9.0, initial=str(path)), comm=comm)
    parallel_assert(comm, np.isfinite(result.block).all(), "not finite")


@pytest.mark.parametrize("kind", ["FIFO", "directory"])
def test_what_is_not_a_regular_file_is_refused_and_never_waited_for(comm, path, kind):
    if comm.rank == 0:
        os.mkfifo(path) if kind == "FIFO" else path.mkdir()
    comm.Barrier()
    with parallel_raises(comm, InputError, match=r"start\.npy is not a regular file"):
        run(Parameters(dx=2.0, runtime=1.0, initial=str(path)), comm=comm)
