"""Pi against the rule in exact integers, and against the rule's own error."""

import math
import random
from fractions import Fraction

import numpy as np
import pytest

from hpcpy_core.errors import InputError
from hpcpy_spawn_pi import quadrature
from hpcpy_spawn_pi.exact_sum import UNITS, from_limbs, to_limbs
from hpcpy_spawn_pi.kernels import BLOCK, find_kernel
from hpcpy_spawn_pi.quadrature import MOST_INTERVALS, count_blocks, sum_blocks, to_pi

NUMBA = find_kernel("numba").load()
PI = Fraction(3141592653589793238462643383279502884197, 10**39)


def total_of(intervals, kernel=NUMBA):
    return sum_blocks(kernel, intervals, 0, count_blocks(intervals))


@pytest.mark.parametrize("intervals", [1, 2, 3, 1000, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 17])
def test_pi_is_that_of_the_rule(add_midpoints, intervals):
    exact = add_midpoints(intervals, 0, intervals) / intervals
    found = to_pi(total_of(intervals), intervals)
    assert abs(Fraction(found) - exact) <= Fraction(math.ulp(math.pi))


@pytest.mark.parametrize("intervals", [3 * 10**6, 12_345_679, 10**8])
def test_rounding_adds_next_to_nothing_to_the_error_of_the_rule(intervals):
    total = total_of(intervals)
    rounding = Fraction(total, UNITS * intervals) - (PI + Fraction(1, 12 * intervals**2))
    assert abs(rounding) < Fraction(1, 10**16)
    assert abs(to_pi(total, intervals) - math.pi) < 1e-14


@pytest.mark.parametrize("workers", [1, 2, 3, 7, 64])
def test_any_number_of_workers_gives_the_same_bits_in_any_order(workers):
    intervals = 150 * BLOCK + 1234
    blocks = count_blocks(intervals)
    bounds = [rank * blocks // workers for rank in range(workers + 1)]
    ranks = list(range(workers))
    random.Random(workers).shuffle(ranks)
    limbs = np.zeros_like(to_limbs(0))
    for rank in ranks:
        limbs += to_limbs(sum_blocks(NUMBA, intervals, bounds[rank], bounds[rank + 1]))
    assert from_limbs(limbs) == total_of(intervals)


def test_the_kernel_does_not_matter():
    intervals = 40 * BLOCK + 77
    assert total_of(intervals) == total_of(intervals, find_kernel("numpy").load())


def test_how_many_blocks_a_kernel_gets_does_not_matter(monkeypatch):
    intervals = 20 * BLOCK + 77
    expected = total_of(intervals)
    calls = []

    def spy(intervals, first, last, sums):
        calls.append((first, last, sums.size))
        NUMBA(intervals, first, last, sums)

    monkeypatch.setattr(quadrature, "MOST_BLOCKS", 8)
    assert total_of(intervals, spy) == expected
    assert calls == [(0, 8, 8), (8, 16, 8), (16, 21, 5)]


def test_no_blocks_are_no_work():
    assert sum_blocks(NUMBA, 1000, 1, 1) == 0


@pytest.mark.parametrize("intervals", [1, 2, 10**6, 10**15])
def test_a_total_is_rounded_once(intervals):
    for total in (3 * intervals * UNITS + 1, 10**7 * intervals + 123, 7 * intervals * UNITS // 2):
        exact = Fraction(total, intervals * UNITS)
        found = to_pi(total, intervals)
        neighbours = (math.nextafter(found, 0.0), math.nextafter(found, 9.0))
        assert all(abs(found - exact) <= abs(Fraction(other) - exact) for other in neighbours)


@pytest.mark.parametrize(
    ("intervals", "blocks"),
    [(1, 1), (BLOCK, 1), (BLOCK + 1, 2), (10**12, 15_258_790), (MOST_INTERVALS, 2**36)],
)
def test_the_grid_depends_on_the_intervals_alone(intervals, blocks):
    assert count_blocks(intervals) == blocks


@pytest.mark.parametrize("intervals", [0, -1, MOST_INTERVALS + 1])
def test_intervals_that_cannot_be_are_refused(intervals):
    with pytest.raises(InputError, match=rf"{intervals} intervals: choose from 1 to"):
        count_blocks(intervals)


@pytest.mark.parametrize(("first", "last"), [(-1, 1), (2, 1), (0, 3)])
def test_blocks_that_are_not_there_are_refused(first, last):
    with pytest.raises(InputError, match="not among the 2 of"):
        sum_blocks(NUMBA, BLOCK + 1, first, last)


def test_integers_of_numpy_do_not_overflow():
    intervals = np.int64(3 * BLOCK + 17)
    total = sum_blocks(NUMBA, intervals, np.int32(0), np.int64(count_blocks(intervals)))
    assert total == total_of(int(intervals))
    assert to_pi(np.int64(1 << 62), np.int64(1 << 40)) == to_pi(1 << 62, 1 << 40)
