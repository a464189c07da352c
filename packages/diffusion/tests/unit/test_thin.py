import numpy as np
import pytest

from hpcpy_core.decomposition import Block, Decomposition
from hpcpy_diffusion.thin import LARGEST_SIDE, find_stride, thin_block, thin_slices


@pytest.mark.parametrize(
    ("side", "stride"), [(5, 1), (LARGEST_SIDE, 1), (LARGEST_SIDE + 1, 2), (16386, 17)]
)
def test_a_thinned_side_has_at_most_so_many_points(side, stride):
    assert find_stride((3, side)) == stride
    whole = Block(start=(0, 0), stop=(side, side))
    assert max(thin_block(whole, stride).shape) <= LARGEST_SIDE
    assert thin_block(whole, 1) == whole


@pytest.mark.parametrize("stride", [1, 2, 3, 7, 100])
@pytest.mark.parametrize("dims", [(1, 1), (3, 2), (1, 13), (13, 1)])
def test_the_parts_of_all_ranks_are_every_kth_point_of_the_whole(dims, stride):
    field = np.arange(1.0, 11 * 23 + 1).reshape(11, 23)
    everything = Block(start=(0, 0), stop=field.shape)
    decomposition = Decomposition(shape=field.shape, dims=dims, boundary=1)
    got = np.zeros(thin_block(everything, stride).shape)
    for rank in range(decomposition.ranks):
        owned = decomposition.owned(rank)
        place = thin_block(owned, stride).within(Block(start=(0, 0), stop=got.shape))
        got[place] += field[owned.within(everything)][thin_slices(owned, stride)]
    assert np.array_equal(got, field[::stride, ::stride])
