"""Exact sums against fractions, and limbs against the integers that they are."""

from fractions import Fraction

import numpy as np
import pytest

from hpcpy_spawn_pi.exact_sum import LIMBS, UNITS, add_exactly, from_limbs, to_limbs
from hpcpy_spawn_pi.quadrature import MOST_BLOCKS, MOST_INTERVALS

LARGEST = 4 * MOST_INTERVALS * UNITS


def random_sums(count):
    rng = np.random.default_rng(42)
    return rng.uniform(1.0, 2.0, count) * 2.0 ** rng.integers(0, 19, count)


@pytest.mark.parametrize("count", [0, 1, 2, MOST_BLOCKS])
def test_a_sum_is_exact(count):
    sums = random_sums(count)
    assert add_exactly(sums) == sum(map(Fraction, sums.tolist())) * UNITS


def test_the_largest_fractions_do_not_overflow():
    largest = np.nextafter(2.0, 1.0)
    exact = MOST_BLOCKS * Fraction(float(largest)) * UNITS
    assert add_exactly(np.full(MOST_BLOCKS, largest)) == exact


def test_order_does_not_matter_where_it_does_to_floats():
    sums = random_sums(1000)
    assert sum(sums.tolist()) != sum(sums[::-1].tolist())
    assert add_exactly(sums) == add_exactly(sums[::-1])


@pytest.mark.parametrize("total", [0, 1, 2**32 - 1, 2**32, 12345 * UNITS + 6789, LARGEST])
def test_limbs_are_the_total(total):
    limbs = to_limbs(total)
    assert limbs.dtype == np.int64
    assert limbs.shape == (LIMBS,)
    assert limbs.min() >= 0
    assert limbs.max() < 2**32
    assert from_limbs(limbs) == total


def test_limbs_add_up_without_carrying():
    totals = [LARGEST // 7 + place * (2**32 - 1) for place in range(7)]
    assert from_limbs(sum(map(to_limbs, totals))) == sum(totals)


def test_the_limbs_of_2_to_the_31_ranks_do_not_overflow():
    fullest = to_limbs(2 ** (32 * LIMBS) - 1)
    assert 2**31 * int(fullest.max()) <= np.iinfo(np.int64).max
    assert from_limbs(fullest * 2**31) == 2**31 * (2 ** (32 * LIMBS) - 1)


@pytest.mark.parametrize("total", [-1, 2 ** (32 * LIMBS)])
def test_what_does_not_fit_is_refused(total):
    with pytest.raises(OverflowError):
        to_limbs(total)
