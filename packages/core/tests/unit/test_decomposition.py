import numpy as np
import pytest

from hpcpy_core.decomposition import Block, Decomposition, split_evenly
from hpcpy_core.errors import InputError

CASES = [
    pytest.param((101, 67), (3, 2), 0, id="uneven"),
    pytest.param((301, 301), (2, 2), 1, id="boundary"),
    pytest.param((5, 9), (7, 1), 1, id="more-ranks-than-rows"),
    pytest.param((2, 4), (3, 2), 1, id="no-interior-rows"),
    pytest.param((13,), (4,), 0, id="1-d"),
    pytest.param((4, 5, 6), (2, 1, 3), 0, id="3-d"),
]


@pytest.mark.parametrize(("length", "parts"), [(10, 3), (3, 5), (0, 2), (7, 7), (12, 1)])
def test_split_evenly_matches_array_split(length, parts):
    expected = np.array_split(np.arange(length), parts)
    for index, part in enumerate(expected):
        start, stop = split_evenly(length, parts, index)
        assert list(range(start, stop)) == part.tolist()


@pytest.mark.parametrize(("shape", "dims", "boundary"), CASES)
def test_every_item_has_one_owner(shape, dims, boundary):
    decomposition = Decomposition(shape=shape, dims=dims, boundary=boundary)
    whole = Block(start=(0,) * len(shape), stop=shape)
    owners = np.zeros(shape, dtype=int)
    for rank in range(decomposition.ranks):
        owners[decomposition.owned(rank).within(whole)] += 1
    assert (owners == 1).all()


@pytest.mark.parametrize(("shape", "dims", "boundary"), CASES)
def test_interiors_tile_the_interior(shape, dims, boundary):
    decomposition = Decomposition(shape=shape, dims=dims, boundary=boundary)
    whole = Block(start=(0,) * len(shape), stop=shape)
    computed = np.zeros(shape, dtype=int)
    for rank in range(decomposition.ranks):
        computed[decomposition.interior(rank).within(whole)] += 1
    expected = np.zeros(shape, dtype=int)
    expected[tuple(slice(boundary, n - boundary) for n in shape)] = 1
    assert (computed == expected).all()


@pytest.mark.parametrize(("shape", "dims", "boundary"), CASES)
def test_coords_are_row_major(shape, dims, boundary):
    decomposition = Decomposition(shape=shape, dims=dims, boundary=boundary)
    for rank in range(decomposition.ranks):
        assert decomposition.coords(rank) == tuple(np.unravel_index(rank, dims))


def test_padded_block_is_cut_at_the_edge():
    decomposition = Decomposition(shape=(10, 10), dims=(2, 1), boundary=1)
    assert decomposition.interior(0) == Block(start=(1, 1), stop=(5, 9))
    assert decomposition.padded(0) == Block(start=(0, 0), stop=(6, 10))
    assert decomposition.padded(0, halo=3) == Block(start=(0, 0), stop=(8, 10))
    assert decomposition.padded(1, halo=3) == Block(start=(2, 0), stop=(10, 10))


def test_within_selects_the_block():
    array = np.arange(100).reshape(10, 10)
    inner, outer = Block(start=(3, 4), stop=(5, 9)), Block(start=(2, 2), stop=(8, 10))
    assert (array[2:8, 2:10][inner.within(outer)] == array[3:5, 4:9]).all()
    assert inner.shape == (2, 5)
    assert inner.size == 10


@pytest.mark.parametrize(
    ("shape", "dims", "boundary"),
    [((4, 4), (2,), 0), ((4, 4), (0, 2), 0), ((1, 4), (1, 1), 1), ((4, 4), (1, 1), -1)],
)
def test_impossible_decompositions_are_refused(shape, dims, boundary):
    with pytest.raises(ValueError, match=r"dims|boundary"):
        Decomposition(shape=shape, dims=dims, boundary=boundary)


def test_unknown_rank_is_refused():
    with pytest.raises(ValueError, match="rank 4 is not one of 4"):
        Decomposition(shape=(4, 4), dims=(2, 2)).coords(4)


@pytest.mark.parametrize(
    ("shape", "dims", "boundary"),
    [
        ([8, 4], [2, 1], 1),
        (np.array([8, 4]), np.array([2, 1]), np.int64(1)),
        ((np.int32(8), np.array(4)), (np.uint8(2), 1), np.array(1)),
    ],
)
def test_lists_and_numpys_numbers_are_as_good_as_tuples(shape, dims, boundary):
    given = Decomposition(shape=shape, dims=dims, boundary=boundary)
    plain = Decomposition(shape=(8, 4), dims=(2, 1), boundary=1)
    assert given == plain
    assert hash(given) == hash(plain)
    assert repr(given) == repr(plain)
    assert given.padded(np.int64(1), np.array(1)) == plain.padded(1, 1)
    assert Block(start=[0, 1], stop=np.array([2, 3])) == Block(start=(0, 1), stop=(2, 3))


@pytest.mark.parametrize(
    ("what", "value"),
    [("shape", (8.0, 4)), ("dims", (True, 1)), ("boundary", "1"), ("shape", "84")],
)
def test_what_is_no_whole_number_is_refused_by_name(what, value):
    given = {"shape": (8, 4), "dims": (2, 1), "boundary": 1, what: value}
    with pytest.raises(InputError, match=f"^{what} = "):
        Decomposition(**given)
