import pytest
from mpi4py import MPI

from hpcpy_core.errors import FileError
from hpcpy_mpiio.open_together import close_quietly, open_together
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi


def test_missing_file_is_an_error_on_every_rank(comm):
    with parallel_raises(comm, FileError, r"cannot open /nowhere/u\.npy: .*every node"):
        open_together("/nowhere/u.npy", MPI.MODE_RDONLY, MPI.INFO_NULL, comm)


def test_file_is_open_until_it_is_closed(comm, folder):
    path = folder / "u.npy"
    if comm.rank == 0:
        path.write_bytes(b"items")
    comm.Barrier()
    file = open_together(str(path), MPI.MODE_RDONLY, MPI.INFO_NULL, comm)
    parallel_assert(comm, file.Get_size() == 5, "another size")
    close_quietly(file)
    parallel_assert(comm, file == MPI.FILE_NULL, "still open")


def test_error_from_closing_is_swallowed():
    class Broken:
        def Close(self):  # noqa: N802 - MPI's name
            raise MPI.Exception(MPI.ERR_IO)

    close_quietly(Broken())
