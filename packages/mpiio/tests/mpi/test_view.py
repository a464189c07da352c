"""The view shows each rank its block only; the message describes blocks of any size."""

import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core.datatypes import committed
from hpcpy_core.errors import FileError
from hpcpy_mpiio import view as view_module
from hpcpy_mpiio.header import Header
from hpcpy_mpiio.view import block_message, open_view
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi


@pytest.fixture
def described(comm, folder, make_array, divide):
    """A file with an unusual offset, its header, this rank's place and its items."""
    array, path = make_array((11, 7), ">i4"), folder / "u.raw"
    if comm.rank == 0:
        path.write_bytes(b"x" * 13 + array.tobytes())
    comm.Barrier()
    decomposition, block = divide(array, comm)
    header = Header(shape=array.shape, dtype=array.dtype, offset=13)
    return str(path), header, decomposition.owned(comm.rank), block


def test_view_starts_after_the_header_and_shows_the_block(comm, described):
    path, header, place, expected = described
    block = np.empty(place.shape, header.dtype)
    with (
        open_view(path, MPI.MODE_RDONLY, header, place, comm) as view,
        block_message(block) as message,
    ):
        view.Read_all(message)
    parallel_assert(comm, block.tobytes() == expected.tobytes(), f"{block}, not {expected}")


def test_file_is_closed_after_an_agreed_error_inside(comm, described):
    path, header, place, _ = described
    with (
        parallel_raises(comm, KeyError, "agreed"),
        open_view(path, MPI.MODE_RDONLY, header, place, comm) as view,
    ):
        raise KeyError("agreed")
    parallel_assert(comm, view == MPI.FILE_NULL, "still open")


def test_missing_file_is_an_error_on_every_rank(comm, described):
    _, header, place, _ = described
    with (
        parallel_raises(comm, FileError, r"cannot open /nowhere/u\.npy: .*every node"),
        open_view("/nowhere/u.npy", MPI.MODE_RDONLY, header, place, comm),
    ):
        pass


def test_block_that_one_rank_cannot_describe(comm, described, monkeypatch):
    path, header, place, _ = described

    def commit(datatype):
        if comm.rank == comm.size - 1:
            raise MPI.Exception(MPI.ERR_ARG)
        return committed(datatype)

    monkeypatch.setattr(view_module, "committed", commit)
    with (
        parallel_raises(comm, FileError, r"cannot describe the block of .*u\.raw"),
        open_view(path, MPI.MODE_RDONLY, header, place, comm),
    ):
        pass


@pytest.mark.parametrize(
    ("shape", "count"), [((), 1), ((5,), 1), ((4, 5), 4), ((3, 4, 5), 12), ((0, 5), 0), ((4, 0), 0)]
)
def test_message_counts_rows(comm, shape, count):
    block = np.zeros(shape, "<c16")
    with block_message(block) as (buffer, rows, datatype):
        parallel_assert(comm, rows == count, f"{rows} rows")
        parallel_assert(comm, rows * datatype.size == block.nbytes, f"row of {datatype.size}")
        parallel_assert(comm, np.shares_memory(buffer, block) == (block.size > 0), "a copy")
