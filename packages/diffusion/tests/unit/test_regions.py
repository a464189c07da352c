"""Every item is computed by somebody, once, and only of items that are right."""

from itertools import product

import numpy as np
import pytest

from hpcpy_diffusion.field_pair import Extent
from hpcpy_diffusion.kernels.gpu.sweep import Region
from hpcpy_diffusion.regions import find_inside, find_rims, grow, split_steps

HALOS = list(product((0, 3), repeat=4))


def extent_of(halo, inner=(9, 11)):
    north, south, west, east = halo
    return Extent(inner=inner, halo=((north, south), (west, east)))


def count(extent, regions):
    """Return how often each item of the padded block is in one of the regions."""
    times = np.zeros(extent.shape, int)
    for region in regions:
        (a, c), (b, d) = region.first, region.last
        assert 0 <= a <= b <= times.shape[0]
        assert 0 <= c <= d <= times.shape[1]
        times[a:b, c:d] += 1
    return times


@pytest.mark.parametrize("halo", HALOS)
def test_grown_by_the_halo_it_is_all_but_the_boundary(halo):
    extent = extent_of(halo)
    times = count(extent, [grow(extent, 0)])
    assert times.sum() == 9 * 11
    all_but_rim = np.zeros(extent.shape, int)
    rows, columns = (
        slice(not before, length - (not after))
        for length, (before, after) in zip(extent.shape, extent.halo, strict=True)
    )
    all_but_rim[rows, columns] = 1
    assert (count(extent, [grow(extent, 3)]) == all_but_rim).all()


@pytest.mark.parametrize("steps", [1, 2, 3])
@pytest.mark.parametrize("halo", HALOS)
def test_inside_and_rims_are_all_inner_items_once(halo, steps):
    extent = extent_of(halo)
    parts = [find_inside(extent, steps), *find_rims(extent, steps)]
    assert (count(extent, parts) == count(extent, [grow(extent, 0)])).all()


@pytest.mark.parametrize("steps", [1, 2, 3])
@pytest.mark.parametrize("halo", HALOS)
def test_the_inside_does_not_read_the_halo(halo, steps):
    """A stale item spoils one more layer around it at each step."""
    extent = extent_of(halo)
    stale = count(extent, [grow(extent, 3)]) - count(extent, [grow(extent, 0)]) > 0
    for _ in range(steps):
        wide = np.pad(stale, 1)
        stale = stale | wide[:-2, 1:-1] | wide[2:, 1:-1] | wide[1:-1, :-2] | wide[1:-1, 2:]
    inside = count(extent, [find_inside(extent, steps)]) > 0
    assert not (inside & stale).any()
    assert inside.sum() == (~stale & (count(extent, [grow(extent, 0)]) > 0)).sum()


@pytest.mark.parametrize("inner", [(6, 11), (2, 2), (1, 30)])
def test_blocks_that_have_no_inside_are_one_rim(inner):
    extent = extent_of((3, 3, 3, 3), inner)
    assert not find_inside(extent, 3).size
    assert list(find_rims(extent, 3)) == [grow(extent, 0)]


def test_a_rank_without_cells_has_nothing_to_compute():
    extent = extent_of((0, 0, 0, 0), (0, 11))
    assert not grow(extent, 0).size
    assert list(find_rims(extent, 3)) == []


def test_a_region_that_is_turned_over_is_empty():
    assert Region(first=(5, 5), last=(3, 3)).size == 0
    assert Region(first=(1, 2), last=(4, 4)).size == 6


@pytest.mark.parametrize("most", [1, 4, 6, 8, 1 << 30])
@pytest.mark.parametrize("steps", [1, 2, 7, 8, 13, 256])
def test_steps_are_split_into_few_kinds(steps, most):
    parts = split_steps(steps, most)
    assert sum(parts) == steps
    assert max(parts) <= most
    rest = [part for part in parts if part != most]
    assert len(set(rest)) == len(rest)
    assert all(part & (part - 1) == 0 for part in rest)
