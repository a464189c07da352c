"""A saved file is, to the byte, the one that numpy.save writes."""

import io
import stat

import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core import repeat_datatype as repeat_module
from hpcpy_core.decomposition import Decomposition
from hpcpy_mpiio import Statistics
from hpcpy_mpiio import message as message_module
from hpcpy_mpiio import save_npy as save_module
from hpcpy_mpiio import view as view_module
from hpcpy_mpiio import write_blocks as write_module
from hpcpy_mpiio.save_npy import save
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi

SHAPES = [(101, 67), (67, 101), (1, 37), (37, 1), (2, 2), (103,), (3,), (7, 11, 5), (2, 3, 1, 5)]
DTYPES = ["?", "<i1", ">i4", "<u8", "<f2", ">f8", "<g", "<c8", ">c16", "S3", ">U5", "V7", "<M8[s]"]
DTYPES += [[("a", "<i2"), ("b", ">c16"), ("c", "S3", (2,))]]


def assert_saved(path, array, comm):
    difference = None
    if comm.rank == 0:
        loaded, expected = np.load(path), io.BytesIO()
        np.save(expected, array)
        if loaded.dtype != array.dtype or loaded.shape != array.shape:
            difference = f"{loaded.dtype} {loaded.shape}, not {array.dtype} {array.shape}"
        elif path.read_bytes() != expected.getvalue():
            difference = f"{path} is not the file of numpy.save"
        elif list(path.parent.iterdir()) != [path]:
            difference = f"{path} is not alone: {list(path.parent.iterdir())}"
    parallel_assert(comm, difference is None, difference)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_every_shape(comm, folder, make_array, divide, shape, order):
    array = make_array(shape)
    decomposition, block = divide(array, comm)
    save(folder / "u.npy", block, decomposition, comm, order=order)
    assert_saved(folder / "u.npy", np.asarray(array, order=order), comm)


@pytest.mark.parametrize("shape", [(101, 67), (2, 5), (3, 3), (9, 8, 7)], ids=str)
def test_boundary_frame_belongs_to_the_outer_ranks(comm, folder, make_array, divide, shape):
    array = make_array(shape)
    decomposition, block = divide(array, comm, boundary=1)
    save(folder / "u.npy", block, decomposition, comm)
    assert_saved(folder / "u.npy", array, comm)


@pytest.mark.parametrize(
    ("dtype", "order"),
    [(dtype, "C") for dtype in DTYPES] + [(DTYPES[-1], "F"), ("S3", "F")],
    ids=str,
)
def test_every_dtype(comm, folder, make_array, divide, dtype, order):
    array = make_array((11, 7), dtype)
    decomposition, block = divide(array, comm)
    save(folder / "u.npy", block, decomposition, comm, order=order)
    assert_saved(folder / "u.npy", np.asarray(array, order=order), comm)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("shape", [(23,), (11, 7), (5, 6, 7)], ids=str)
def test_larger_blocks_and_axes_than_a_count_can_tell(
    comm, folder, make_array, divide, monkeypatch, shape, order
):
    for module in (message_module, view_module, repeat_module):
        monkeypatch.setattr(module, "LARGEST_COUNT", 3)
    array = make_array(shape, ">f8")
    decomposition, block = divide(array, comm)
    save(folder / "u.npy", block, decomposition, comm, order=order)
    assert_saved(folder / "u.npy", np.asarray(array, order=order), comm)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("round_bytes", [3, 40, 4096])
def test_blocks_written_in_rounds(
    comm, folder, make_array, divide, monkeypatch, round_bytes, axis, order
):
    """Also where some ranks have more rounds than others, or nothing to write."""
    monkeypatch.setattr(write_module, "ROUND_BYTES", round_bytes)
    array = make_array((3, 29), ">f8")
    decomposition, block = divide(array, comm, [(comm.size, 1), (1, comm.size)][axis])
    save(folder / "u.npy", block, decomposition, comm, order=order)
    assert_saved(folder / "u.npy", np.asarray(array, order=order), comm)


def test_fields_with_gaps_between_them(comm, folder, make_array, divide):
    array = make_array((11, 7), np.dtype([("a", "i1"), ("b", "f8")], align=True))
    decomposition, block = divide(array, comm)
    save(folder / "u.npy", block, decomposition, comm)
    same = comm.rank != 0 or np.array_equal(np.load(folder / "u.npy"), array)
    parallel_assert(comm, same, "the fields differ")


@pytest.mark.parametrize("axis", [0, 1])
def test_rows_or_columns_only(comm, folder, make_array, divide, axis):
    array = make_array((13, 9))
    decomposition, block = divide(array, comm, [(comm.size, 1), (1, comm.size)][axis])
    save(folder / "u.npy", block, decomposition, comm)
    assert_saved(folder / "u.npy", array, comm)


def test_more_ranks_than_rows(comm, folder, make_array, divide):
    array = make_array((1, 5))
    decomposition, block = divide(array, comm, (comm.size, 1))
    parallel_assert(comm, (block.size > 0) == (comm.rank == 0), "the case needs empty blocks")
    save(folder / "u.npy", block, decomposition, comm)
    assert_saved(folder / "u.npy", array, comm)


@pytest.mark.parametrize(
    ("shape", "dtype"), [((0,), "<f8"), ((0, 4), ">i4"), ((4, 0), "S3"), ((3, 2), [])], ids=str
)
@pytest.mark.parametrize("order", ["C", "F"])
def test_no_bytes_of_items(comm, folder, divide, shape, dtype, order):
    array = np.zeros(shape, dtype, order=order)
    decomposition, block = divide(array, comm)
    found = save(folder / "u.npy", block, decomposition, comm, order=order, verify=True)
    parallel_assert(comm, found.bytes == 0, str(found))
    assert_saved(folder / "u.npy", array, comm)


def test_one_item_without_axes(subcomm, folder):
    alone = subcomm(1)
    if alone is not None:
        array = np.array(3.5)
        save(folder / "u.npy", array, Decomposition(shape=(), dims=()), alone)
        assert_saved(folder / "u.npy", array, alone)


@pytest.mark.parametrize(
    "relayout",
    [np.array, np.asfortranarray, lambda block: np.repeat(block, 2, axis=1)[:, ::2]],
    ids=["C order", "Fortran order", "every second item"],
)
@pytest.mark.parametrize("order", ["C", "F"])
def test_every_layout_in_memory(comm, folder, make_array, divide, relayout, order):
    array = make_array((11, 7))
    decomposition, block = divide(array, comm)
    given = relayout(block)
    given.flags.writeable = False
    save(str(folder / "u.npy"), given, decomposition, comm, order=order)
    assert_saved(folder / "u.npy", np.asarray(array, order=order), comm)


@pytest.mark.parametrize("order", ["C", "F"])
def test_contiguous_block_is_not_copied(comm, folder, make_array, divide, monkeypatch, order):
    decomposition, block = divide(make_array((11, 7)), comm)
    block = np.array(block, order=order)
    real, given = save_module.write_blocks, []

    def write(replacement, content, *others):
        given.append(content)
        return real(replacement, content, *others)

    monkeypatch.setattr(save_module, "write_blocks", write)
    save(folder / "u.npy", block, decomposition, comm, order=order)
    parallel_assert(comm, np.shares_memory(given[0], block), "MPI got a copy")


@pytest.mark.parametrize("verify", [False, True])
def test_statistics(comm, folder, make_array, divide, verify):
    array = make_array((11, 7), "<f4")
    decomposition, block = divide(array, comm)
    hints = {"cb_buffer_size": "1048576"}
    found = save(folder / "u.npy", block, decomposition, comm, hints=hints, verify=verify)
    told = comm.bcast(found, root=0)
    parallel_assert(comm, found == told, f"{found}, but rank 0 has {told}")
    parallel_assert(comm, isinstance(found, Statistics) and found.bytes == array.nbytes, str(found))
    parallel_assert(comm, 0 < found.seconds < 60 and found.verified is verify, str(found))
    if MPI.get_vendor()[0] == "MPICH":  # Open MPI does not tell
        parallel_assert(comm, found.hints["cb_buffer_size"] == "1048576", str(found.hints))


@pytest.mark.parametrize("order", ["C", "F"])
def test_verified_file_is_that_of_numpy(comm, folder, make_array, divide, order):
    array = make_array((11, 7), ">f8")
    decomposition, block = divide(array, comm)
    save(folder / "u.npy", block, decomposition, comm, order=order, verify=True)
    assert_saved(folder / "u.npy", np.asarray(array, order=order), comm)


def test_longer_file_is_replaced_whole(comm, folder, make_array, divide):
    path = folder / "u.npy"
    longer, array = make_array((50, 40)), make_array((5, 4), "<i2")
    decomposition, block = divide(longer, comm)
    save(path, block, decomposition, comm)
    decomposition, block = divide(array, comm)
    save(path, block, decomposition, comm, overwrite=True)
    assert_saved(path, array, comm)


def test_permissions_are_those_of_a_file_that_numpy_saves(comm, folder, make_array, divide):
    array = make_array((5, 4))
    decomposition, block = divide(array, comm)
    save(folder / "u.npy", block, decomposition, comm)
    if comm.rank == 0:
        np.save(folder / "numpy.npy", array)
    comm.Barrier()
    modes = [stat.S_IMODE((folder / name).stat().st_mode) for name in ("u.npy", "numpy.npy")]
    parallel_assert(comm, modes[0] == modes[1], f"permissions {modes[0]:o}, not {modes[1]:o}")


def test_path_of_rank_0_counts(comm, folder, make_array, divide):
    array = make_array((5, 4))
    decomposition, block = divide(array, comm)
    name = "u.npy" if comm.rank == 0 else "elsewhere/v.npy"
    save(folder / name, block, decomposition, comm)
    assert_saved(folder / "u.npy", array, comm)


def test_part_of_the_ranks_saves(comm, subcomm, folder, make_array, divide):
    part = subcomm(max(1, comm.size - 1))
    if part is not None:
        array = make_array((11, 7))
        decomposition, block = divide(array, part)
        save(folder / "u.npy", block, decomposition, part)
        assert_saved(folder / "u.npy", array, part)
