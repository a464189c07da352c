import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core.errors import HpcpyError
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
