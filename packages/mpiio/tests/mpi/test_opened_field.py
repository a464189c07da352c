"""All ranks read any blocks of an open file, as often as they like."""

import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core.decomposition import Block, Decomposition
from hpcpy_core.errors import FileError, InputError
from hpcpy_mpiio import opened_field as field_module
from hpcpy_mpiio.open_npy import open_field
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi


@pytest.fixture(params=["C", "F"])
def saved(request, comm, folder, make_array):
    """A file in either order, and the array that it holds."""
    array, path = np.asarray(make_array((23, 17), ">f8"), order=request.param), folder / "u.npy"
    if comm.rank == 0:
        np.save(path, array)
    comm.Barrier()
    return path, array


def assert_part(comm, found, array, block):
    expected = array[tuple(map(slice, block.start, block.stop))]
    same = found.dtype == array.dtype and np.array_equal(found, expected)
    parallel_assert(comm, same, f"{found}, not {expected}")
    order = "C" if array.flags.c_contiguous else "F"
    parallel_assert(comm, found.flags[order] and found.flags.writeable, str(found.flags))


def test_several_decompositions_and_halos(comm, saved):
    path, array = saved
    with open_field(path, comm) as field:
        for dims in [(comm.size, 1), (1, comm.size)]:
            decomposition = Decomposition(shape=array.shape, dims=dims, boundary=1)
            owned, padded = decomposition.owned(comm.rank), decomposition.padded(comm.rank, 2)
            assert_part(comm, field.read(decomposition), array, owned)
            assert_part(comm, field.read_block(padded), array, padded)


def test_each_rank_names_another_block(comm, saved):
    path, array = saved
    whole, nothing = Block(start=(0, 0), stop=(23, 17)), Block(start=(5, 9), stop=(5, 12))
    item = Block(start=(22, 16), stop=(23, 17))
    block = [whole, nothing, item, whole][comm.rank % 4]
    with open_field(path, comm) as field:
        assert_part(comm, field.read_block(block), array, block)


def test_nothing_on_every_rank(comm, saved):
    path, array = saved
    nothing = Block(start=(3, 3), stop=(3, 17))
    with open_field(path, comm) as field:
        assert_part(comm, field.read_block(nothing), array, nothing)


def test_statistics_grow_with_every_read(comm, saved):
    path, array = saved
    decomposition = Decomposition(shape=array.shape, dims=(comm.size, 1))
    with open_field(path, comm) as field:
        before = field.statistics
        field.read(decomposition)
        once = field.statistics
        field.read_block(Block(start=(0, 0), stop=(1, 1)))
        twice = field.statistics
    figures = (before.bytes, once.bytes, twice.bytes)
    expected = (0, array.nbytes, array.nbytes + 8 * comm.size)
    parallel_assert(comm, figures == expected, f"{figures}, not {expected}")
    parallel_assert(comm, 0 < before.seconds < once.seconds < twice.seconds, "no time passes")
    parallel_assert(comm, comm.bcast(twice, root=0) == twice, "the ranks differ")


def test_block_outside_on_one_rank_leaves_the_field_usable(comm, saved):
    path, array = saved
    good = Block(start=(0, 0), stop=(23, 17))
    bad = Block(start=(0, 0), stop=(24, 17))
    with open_field(path, comm) as field:
        with parallel_raises(comm, InputError, r"not part of an array of shape \(23, 17\)"):
            field.read_block(bad if comm.rank == comm.size - 1 else good)
        assert_part(comm, field.read_block(good), array, good)


def test_decomposition_of_another_shape_names_the_right_one(comm, saved):
    path, _ = saved
    other = Decomposition(shape=(17, 23), dims=(comm.size, 1))
    with (
        parallel_raises(comm, InputError, r"make one with shape=\(23, 17\)"),
        open_field(path, comm) as field,
    ):
        field.read(other)


def test_view_that_fails_on_one_rank(comm, saved, monkeypatch):
    path, array = saved
    real = field_module.block_view

    class Failing:
        def __init__(self, view):
            self.view = view

        def __enter__(self):
            return self

        def __exit__(self, *error):
            return None

        def set(self, file, info):
            with self.view as view:
                view.set(file, info)
            if comm.rank == comm.size - 1:
                raise MPI.Exception(MPI.ERR_IO)

    monkeypatch.setattr(field_module, "block_view", lambda *args: Failing(real(*args)))
    with (
        parallel_raises(comm, FileError, r"cannot set the file view of .*u\.npy"),
        open_field(path, comm) as field,
    ):
        field.read(Decomposition(shape=array.shape, dims=(comm.size, 1)))
