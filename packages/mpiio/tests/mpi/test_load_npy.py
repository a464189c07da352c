"""Every rank gets the part of a file that numpy.load would give it."""

import numpy as np
import pytest

from hpcpy_core import repeat_datatype as repeat_module
from hpcpy_core.decomposition import Decomposition
from hpcpy_mpiio import message as message_module
from hpcpy_mpiio import view as view_module
from hpcpy_mpiio.load_npy import load
from hpcpy_mpiio.save_npy import save
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi

SHAPES = [(101, 67), (67, 101), (1, 37), (37, 1), (2, 2), (103,), (3,), (7, 11, 5), (2, 3, 1, 5)]
DTYPES = ["?", "<i1", ">i4", "<u8", "<f2", ">f8", "<g", "<c8", ">c16", "S3", ">U5", "V7", "<M8[s]"]
DTYPES += [[("a", "<i2"), ("b", ">c16"), ("c", "S3", (2,))]]


@pytest.fixture
def numpy_file(comm, folder):
    """Let rank 0 write a file with numpy.save."""

    def write(array):
        path = folder / "u.npy"
        if comm.rank == 0:
            np.save(path, array)
        comm.Barrier()
        return path

    return write


def assert_same(comm, loaded, expected, order="C"):
    same = loaded.dtype == expected.dtype and loaded.shape == expected.shape
    parallel_assert(comm, same, f"{loaded.dtype} {loaded.shape} for {expected.shape}")
    parallel_assert(comm, loaded.tobytes() == expected.tobytes(), f"{loaded}, not {expected}")
    parallel_assert(comm, loaded.flags[order] and loaded.flags.writeable, str(loaded.flags))


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_every_shape(comm, numpy_file, make_array, divide, shape, order):
    path = numpy_file(np.asarray(make_array(shape), order=order))
    decomposition, expected = divide(np.load(path), comm)
    assert_same(comm, load(path, decomposition, comm), expected, order)


@pytest.mark.parametrize("shape", [(101, 67), (2, 5), (3, 3), (9, 8, 7)], ids=str)
def test_boundary_frame(comm, numpy_file, make_array, divide, shape):
    path = numpy_file(make_array(shape))
    decomposition, expected = divide(np.load(path), comm, boundary=1)
    assert_same(comm, load(path, decomposition, comm), expected)


@pytest.mark.parametrize(
    ("dtype", "order"),
    [(dtype, "C") for dtype in DTYPES] + [(DTYPES[-1], "F"), ("S3", "F")],
    ids=str,
)
def test_every_dtype(comm, numpy_file, make_array, divide, dtype, order):
    path = numpy_file(np.asarray(make_array((11, 7), dtype), order=order))
    decomposition, expected = divide(np.load(path), comm)
    assert_same(comm, load(str(path), decomposition, comm), expected, order)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("shape", [(23,), (11, 7), (5, 6, 7)], ids=str)
def test_larger_blocks_and_axes_than_a_count_can_tell(
    comm, numpy_file, make_array, divide, monkeypatch, shape, order
):
    for module in (message_module, view_module, repeat_module):
        monkeypatch.setattr(module, "LARGEST_COUNT", 3)
    path = numpy_file(np.asarray(make_array(shape, ">f8"), order=order))
    decomposition, expected = divide(np.load(path), comm)
    assert_same(comm, load(path, decomposition, comm), expected, order)


@pytest.mark.parametrize("axis", [0, 1])
def test_rows_or_columns_only(comm, numpy_file, make_array, divide, axis):
    path = numpy_file(make_array((13, 9)))
    dims = [(comm.size, 1), (1, comm.size)][axis]
    decomposition, expected = divide(np.load(path), comm, dims)
    assert_same(comm, load(path, decomposition, comm), expected)


def test_more_ranks_than_rows(comm, numpy_file, make_array, divide):
    path = numpy_file(make_array((1, 5)))
    decomposition, expected = divide(np.load(path), comm, (comm.size, 1))
    parallel_assert(comm, (expected.size > 0) == (comm.rank == 0), "the case needs empty blocks")
    assert_same(comm, load(path, decomposition, comm), expected)


@pytest.mark.parametrize(
    ("shape", "dtype"), [((0,), "<f8"), ((0, 4), ">i4"), ((4, 0), "S3"), ((3, 2), [])], ids=str
)
@pytest.mark.parametrize("order", ["C", "F"])
def test_no_bytes_of_items(comm, numpy_file, divide, shape, dtype, order):
    path = numpy_file(np.zeros(shape, dtype, order=order))
    decomposition, expected = divide(np.load(path), comm)
    assert_same(comm, load(path, decomposition, comm), expected, order)


def test_one_item_without_axes(comm, subcomm, numpy_file):
    path = numpy_file(np.array(3.5))
    alone = subcomm(1)
    if alone is not None:
        loaded = load(path, Decomposition(shape=(), dims=()), alone)
        assert_same(alone, loaded, np.array(3.5))


@pytest.mark.parametrize("order", ["C", "F"])
def test_file_saved_by_another_number_of_ranks(comm, subcomm, folder, make_array, divide, order):
    array, path = make_array((101, 67), ">f8"), folder / "u.npy"
    writers = subcomm(max(1, comm.size - 1))
    if writers is not None:
        decomposition, block = divide(array, writers, boundary=1)
        save(path, block, decomposition, writers, order=order)
    comm.Barrier()
    decomposition, expected = divide(array, comm, (1, comm.size))
    assert_same(comm, load(path, decomposition, comm), expected, order)


def test_path_of_rank_0_counts(comm, numpy_file, make_array, divide, monkeypatch):
    path = numpy_file(make_array((5, 4)))
    decomposition, expected = divide(np.load(path), comm)
    if comm.rank == 0:
        monkeypatch.chdir(path.parent)
    name = "u.npy" if comm.rank == 0 else "elsewhere/v.npy"
    assert_same(comm, load(name, decomposition, comm), expected)
