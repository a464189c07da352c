import numpy as np
import pytest

from hpcpy_core import repeat_datatype
from hpcpy_core.decomposition import Block, Decomposition
from hpcpy_core.errors import InputError
from hpcpy_diffusion.gather import gather_field
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi


@pytest.mark.parametrize("last_is_root", [False, True])
@pytest.mark.parametrize("shape", [(11, 5), (3, 40), (2, 2)])
def test_the_root_gets_the_whole_field(comm, shape, last_is_root):
    root = comm.size - 1 if last_is_root else 0
    whole = np.arange(np.prod(shape), dtype="float64").reshape(shape)
    everything = Block(start=(0, 0), stop=shape)
    for dims in ((comm.size, 1), (1, comm.size)):
        decomposition = Decomposition(shape=shape, dims=dims, boundary=1)
        block = whole[decomposition.owned(comm.rank).within(everything)]
        field = gather_field(block, decomposition, comm, root)
        right = np.array_equal(field, whole) if comm.rank == root else field is None
        parallel_assert(comm, right, f"dims {dims}: {field}")


def test_a_block_of_more_points_than_mpi_can_count(comm, monkeypatch):
    monkeypatch.setattr(repeat_datatype, "LARGEST_COUNT", 5)
    decomposition = Decomposition(shape=(9, 7), dims=(comm.size, 1))
    whole = np.arange(63.0).reshape(9, 7)
    own = whole[decomposition.owned(comm.rank).within(Block(start=(0, 0), stop=(9, 7)))]
    field = gather_field(own, decomposition, comm, root=comm.size - 1)
    right = field is None if comm.rank < comm.size - 1 else np.array_equal(field, whole)
    parallel_assert(comm, right, f"{field}")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda own: np.ma.masked_array(own, mask=own > 3), "the field is a masked array"),
        (lambda own: own[:, 1:], r"has a part of shape \(.*, 4\), but its block"),
        (lambda own: own.astype(">f8"), "MPI has no datatype for items of >f8"),
        (lambda own: own.astype(object), "MPI has no datatype for items of object"),
        (lambda own: own.astype("f4"), "dtype"),
    ],
    ids=["masked", "shape", "big-endian", "object", "dtype"],
)
def test_a_part_that_would_give_a_wrong_field_is_refused(comm, change, words):
    """Of the last rank; every rank hears of it."""
    decomposition = Decomposition(shape=(9, 5), dims=(comm.size, 1))
    own = np.ones(decomposition.owned(comm.rank).shape)
    if comm.rank == comm.size - 1:
        own = change(own)
    if words == "dtype" and comm.size == 1:
        return  # one rank differs from nobody
    with parallel_raises(comm, InputError, match=words):
        gather_field(own, decomposition, comm)


def test_strided_and_fortran_ordered_parts_are_gathered_by_value(comm):
    decomposition = Decomposition(shape=(9, 6), dims=(comm.size, 1))
    whole = np.arange(54.0).reshape(9, 6)
    own = whole[decomposition.owned(comm.rank).within(Block(start=(0, 0), stop=(9, 6)))]
    for part in (np.asfortranarray(own), np.repeat(own, 2, axis=1)[:, ::2]):
        part.flags.writeable = False
        field = gather_field(part, decomposition, comm)
        parallel_assert(comm, comm.rank > 0 or np.array_equal(field, whole), f"{field}")
