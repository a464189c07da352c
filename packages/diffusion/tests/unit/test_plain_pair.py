"""A block with halos against the same cells of the whole field."""

import numpy as np
import pytest

from hpcpy_diffusion.field_pair import Extent
from hpcpy_diffusion.kernels import numba_rows, numpy_flat, numpy_slices
from hpcpy_diffusion.plain_pair import PlainPair, allocate

R = 0.22
INNER = (6, 7)


def block_of(extent, step):
    """Return a pair that holds a part of a whole field, and the field with its place there."""
    before = [halo[0] for halo in extent.halo]
    shape = [n + 2 + sum(halo) for n, halo in zip(extent.inner, extent.halo, strict=True)]
    whole = np.zeros(shape)
    whole[1:-1, 1:-1] = np.random.default_rng(3).random([n - 2 for n in shape])
    # The whole field has one more layer of cells and the boundary beyond a halo.
    place = tuple(
        slice(1 if b else 0, n - (1 if a else 0))
        for n, (b, a) in zip(shape, extent.halo, strict=True)
    )
    pair = PlainPair(extent, step, R, allocate(extent, "float64"))
    pair.start()[...] = whole[place]
    pair.begin()
    inner = tuple(slice(1 + b, 1 + b + n) for b, n in zip(before, extent.inner, strict=True))
    return pair, whole, inner


def owned(pair, extent):
    """Return the inner cells of the pair's current field."""
    return pair.show()[
        tuple(
            slice(max(1, b), max(1, b) + n)
            for n, (b, _) in zip(extent.inner, extent.halo, strict=True)
        )
    ]


@pytest.mark.parametrize("step", [numpy_slices.step, numpy_flat.step, numba_rows.step])
@pytest.mark.parametrize("depth", [1, 2, 5])
def test_as_many_steps_as_the_halo_is_deep_need_no_news(step, depth):
    for sides in [(depth, depth), (0, depth), (depth, 0), (0, 0)]:
        for other in [(depth, depth), (0, 0)]:
            for steps in range(1, depth + 1):
                extent = Extent(inner=INNER, halo=(sides, other))
                pair, whole, inner = block_of(extent, step)
                pair.advance(steps)
                for _ in range(steps):
                    out = whole.copy()
                    numpy_slices.step(whole, out, R)
                    whole = out
                assert np.array_equal(owned(pair, extent), whole[inner])
                assert pair.parity == steps % 2


@pytest.mark.parametrize("axis", [0, 1])
def test_one_step_more_would_be_wrong(axis):
    """Or the test above could not fail."""
    halo = [(0, 0), (0, 0)]
    halo[axis] = (2, 2)
    extent = Extent(inner=INNER, halo=tuple(halo))
    pair, whole, inner = block_of(extent, numpy_slices.step)
    pair.advance(2)
    pair.advance(1)
    for _ in range(3):
        out = whole.copy()
        numpy_slices.step(whole, out, R)
        whole = out
    wrong = owned(pair, extent) != whole[inner]
    inside = np.moveaxis(wrong, axis, 0)
    assert inside[0].any()
    assert inside[-1].any()
    assert not inside[1:-1].any()


def test_without_a_halo_any_number_of_steps():
    extent = Extent(inner=INNER, halo=((0, 0), (0, 0)))
    pair, whole, inner = block_of(extent, numpy_slices.step)
    pair.advance(20)
    for _ in range(20):
        out = whole.copy()
        numpy_slices.step(whole, out, R)
        whole = out
    assert np.array_equal(owned(pair, extent), whole[inner])


@pytest.mark.parametrize("sides", [(1, 1), (0, 1), (1, 0), (0, 0)])
@pytest.mark.parametrize("step", [numpy_slices.step, numpy_flat.step, numba_rows.step])
def test_inside_and_rim_are_a_whole_step_and_the_inside_needs_no_halo(sides, step):
    extent = Extent(inner=INNER, halo=(sides, (0, 0)))
    pair, whole, inner = block_of(extent, step)
    rows = [at for at, depth in zip((0, -1), sides, strict=True) if depth]
    halo = pair.start()[rows].copy()
    pair.start()[rows] = np.nan
    pair.advance_inside()
    pair.start()[rows] = halo
    pair.advance_rim()
    out = whole.copy()
    numpy_slices.step(whole, out, R)
    assert np.array_equal(owned(pair, extent), out[inner])
