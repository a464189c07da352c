"""Two ranks' pairs in one process: layers handed over by hand."""

import numpy as np
import pytest

from hpcpy_diffusion.field_pair import Extent
from hpcpy_diffusion.kernels.numpy_slices import step
from hpcpy_diffusion.lane_pair import LanePair

SHAPE = (20, 27)


def random_field():
    padded = np.zeros((SHAPE[0] + 2, SHAPE[1] + 2))
    padded[1:-1, 1:-1] = np.random.default_rng(7).random(SHAPE)
    return padded


def exchange(first, second, axis):
    first.pack(axis)
    second.pack(axis)
    _, toward = first.layers(0, axis)
    back, _ = second.layers(0, axis)
    back.recvbuf[...] = toward.sendbuf
    toward.recvbuf[...] = back.sendbuf
    first.unpack(axis)
    second.unpack(axis)


@pytest.mark.parametrize("depth", [1, 3, 8])
@pytest.mark.parametrize("axis", [0, 1])
def test_two_halves_are_the_whole(axis, depth):
    whole, r, at = random_field(), 0.22, SHAPE[axis] // 2
    lengths = (at, SHAPE[axis] - at)
    inner = [tuple(n if k == axis else SHAPE[k] for k in (0, 1)) for n in lengths]
    sides = [((0, depth), (depth, 0))[half] for half in (0, 1)]
    halos = [tuple(side if k == axis else (0, 0) for k in (0, 1)) for side in sides]
    first, second = (
        LanePair(Extent(inner=i, halo=h), "float64", r) for i, h in zip(inner, halos, strict=True)
    )
    cut = [np.moveaxis(whole, axis, 0)[: 1 + at], np.moveaxis(whole, axis, 0)[1 + at :]]
    np.moveaxis(first.start(), axis, 0)[: 1 + at] = cut[0]
    np.moveaxis(second.start(), axis, 0)[depth:] = cut[1]
    first.begin()
    second.begin()
    for steps in (depth, depth, 1):
        exchange(first, second, axis)
        out = whole.copy()
        for pair in (first, second):
            pair.advance(steps)
        for _ in range(steps):
            step(whole, out, r)
            whole, out = out, whole
    right = np.moveaxis(whole, axis, 0)
    assert np.array_equal(np.moveaxis(first.show(), axis, 0)[: 1 + at], right[: 1 + at])
    assert np.array_equal(np.moveaxis(second.show(), axis, 0)[depth:], right[1 + at :])


def test_without_neighbours_nothing_is_sent():
    pair = LanePair(Extent(inner=(5, 6), halo=((0, 0), (0, 0))), "float64", 0.25)
    for axis in (0, 1):
        assert pair.layers(0, axis) == (None, None)
        pair.pack(axis)
        pair.unpack(axis)
