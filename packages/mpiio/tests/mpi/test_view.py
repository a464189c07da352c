"""The view shows each rank its block only, in either order and for axes of any length."""

import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core import repeat_datatype as repeat_module
from hpcpy_core.decomposition import Block
from hpcpy_mpiio import view as view_module
from hpcpy_mpiio.header import Header
from hpcpy_mpiio.hints import reliable_hints
from hpcpy_mpiio.view import block_view
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi


@pytest.fixture
def shown(comm, folder):
    """Let every rank see one block of an array that is raw in a file with an unusual offset."""

    def shown(array, block, order):
        path = folder / "u.raw"
        if comm.rank == 0:
            path.write_bytes(b"x" * 13 + array.tobytes(order))
        comm.Barrier()
        header = Header(shape=array.shape, dtype=array.dtype, offset=13, fortran_order=order == "F")
        items = np.empty(block.shape, array.dtype, order=order)
        with reliable_hints() as info, block_view(header, block) as view:
            file = MPI.File.Open(comm, str(path), MPI.MODE_RDONLY, info)
            view.set(file, info)
            buffer = np.empty(items.nbytes, np.uint8)
            file.Read_all(buffer)
            file.Close()
        return np.frombuffer(buffer.tobytes(), array.dtype).reshape(block.shape, order=order)

    return shown


@pytest.fixture(params=["short axes", "long axes"])
def axes(request, monkeypatch):
    """Let MPI count everything, or next to nothing."""
    if request.param == "long axes":
        monkeypatch.setattr(view_module, "LARGEST_COUNT", 1)
        monkeypatch.setattr(repeat_module, "LARGEST_COUNT", 2)


@pytest.mark.usefixtures("axes")
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("shape", [(23,), (11, 7), (1, 9), (9, 1), (5, 6, 7)], ids=str)
def test_block_of_every_rank(comm, make_array, divide, shown, shape, order):
    array = make_array(shape, ">i4")
    decomposition, expected = divide(array, comm)
    found = shown(array, decomposition.owned(comm.rank), order)
    parallel_assert(comm, np.array_equal(found, expected), f"{found}, not {expected}")


@pytest.mark.usefixtures("axes")
@pytest.mark.parametrize("order", ["C", "F"])
def test_overlapping_and_empty_blocks(comm, make_array, shown, order):
    array = make_array((6, 7), "S3")
    block = Block(start=(1, 2), stop=(5, 6))
    if comm.rank == 1:
        block = Block(start=(3, 3), stop=(3, 7))
    found = shown(array, block, order)
    expected = array[tuple(map(slice, block.start, block.stop))]
    parallel_assert(comm, np.array_equal(found, expected), f"{found}, not {expected}")


def test_one_item_without_axes(shown, make_array):
    assert shown(make_array(()), Block(start=(), stop=()), "C") == make_array(())


@pytest.mark.parametrize("order", ["C", "F"])
def test_axis_that_no_count_can_tell(order):
    """Rows of three of 2**32 columns, or columns of three of 2**32 rows."""
    header = Header(shape=(2**32, 4), dtype=np.dtype("<f8"), offset=128, fortran_order=order == "F")
    block = Block(start=(2**31 + 7, 1), stop=(2**32, 4))
    with block_view(header, block) as view:
        first = (2**31 + 7) * 4 + 1 if order == "C" else 2**32 + 2**31 + 7
        assert view.displacement == 128 + 8 * first
        assert view.filetype.Get_size() == 8 * block.size


def test_datatypes_are_freed():
    header = Header(shape=(4, 5), dtype=np.dtype("<f8"), offset=128)
    with block_view(header, Block(start=(0, 0), stop=(2, 2))) as view:
        assert view.filetype != MPI.DATATYPE_NULL
    assert view.filetype == view.etype == MPI.DATATYPE_NULL
