import pytest

from hpcpy_core.decomposition import Decomposition
from hpcpy_diffusion.find_extent import find_extent


@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize("dims", [(1, 1), (2, 1), (1, 3), (3, 2), (4, 4)])
def test_the_padded_block_is_the_decompositions(dims, depth):
    decomposition = Decomposition(shape=(15, 18), dims=dims, boundary=1)
    for rank in range(decomposition.ranks):
        extent = find_extent(decomposition, rank, depth)
        assert extent.inner == decomposition.interior(rank).shape
        assert extent.shape == decomposition.padded(rank, depth).shape
        for coord, parts, (before, after) in zip(
            decomposition.coords(rank), dims, extent.halo, strict=True
        ):
            assert before == (depth if coord > 0 else 0)
            assert after == (depth if coord < parts - 1 else 0)


def test_ranks_without_cells_have_no_halo_and_nobody_has_one_from_them():
    decomposition = Decomposition(shape=(5, 9), dims=(5, 1), boundary=1)
    halos = [find_extent(decomposition, rank, 1).halo[0] for rank in range(5)]
    assert halos == [(0, 1), (1, 1), (1, 0), (0, 0), (0, 0)]
    for rank in range(5):
        shape = find_extent(decomposition, rank, 1).shape
        assert shape == decomposition.padded(rank).shape
