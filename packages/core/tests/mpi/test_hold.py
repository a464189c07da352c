"""A directory that a job holds, on all of its ranks."""

import pytest

from hpcpy_core.errors import FileError
from hpcpy_core.files.hold import LOCK, HeldError, hold_together
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi


def test_a_second_job_is_refused_on_all_ranks(comm, tmp_path):
    folder = comm.bcast(tmp_path, root=0)
    with hold_together(folder, comm):
        parallel_assert(comm, (folder / LOCK).exists())
        with (
            parallel_raises(comm, HeldError, "is in use by process") as caught,
            hold_together(folder, comm),
        ):
            pass
        parallel_assert(comm, caught.error.agreed and caught.error.exit_code == 2)
        comm.Barrier()
    comm.Barrier()
    parallel_assert(comm, not list(folder.iterdir()))
    with hold_together(folder, comm):
        pass


def test_a_directory_that_is_not_there_is_an_error_on_all_ranks(comm, tmp_path):
    folder = comm.bcast(tmp_path, root=0) / "missing"
    with parallel_raises(comm, FileError, "cannot lock .*missing"), hold_together(folder, comm):
        pass
