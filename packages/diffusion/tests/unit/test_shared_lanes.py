"""Two members of a field in one process."""

import threading

import numpy as np

from hpcpy_diffusion.field_pair import Extent
from hpcpy_diffusion.kernels.lanes.field import LaneField
from hpcpy_diffusion.kernels.numpy_slices import step
from hpcpy_diffusion.shared_lanes import SharedLanes

SHAPE = (20, 27)


def test_each_fills_and_shows_its_own_rows():
    whole, r = np.zeros((SHAPE[0] + 2, SHAPE[1] + 2)), 0.22
    whole[1:-1, 1:-1] = np.random.default_rng(7).random(SHAPE)
    memory = np.zeros(LaneField.nbytes(SHAPE, whole.dtype, 2), np.uint8)
    pairs = []
    for me, (first, stop) in enumerate([(0, 12), (12, 20)]):
        field = LaneField(SHAPE, whole.dtype, r, member=(me, 2), memory=memory)
        extent = Extent(inner=(stop - first, SHAPE[1]), halo=((0, 0), (0, 0)))
        pair = SharedLanes(extent, field, first)
        pair.start()[1:-1] = whole[1 + first : 1 + stop]
        pairs.append(pair)
    for pair in pairs:
        pair.begin()
    marches = [threading.Thread(target=pair.advance, args=(9,)) for pair in pairs]
    for march in marches:
        march.start()
    for march in marches:
        march.join(timeout=60)
        assert not march.is_alive()
    out = whole.copy()
    for _ in range(9):
        step(whole, out, r)
        whole, out = out, whole
    assert np.array_equal(pairs[0].show()[1:-1], whole[1:13])
    assert np.array_equal(pairs[1].show()[1:-1], whole[13:-1])
    assert pairs[0].layers(0, 0) == pairs[0].layers(0, 1) == (None, None)
    for pair in pairs:
        pair.close()
