"""What the tests of the quadrature share: the rule in integers, which is exact."""

from fractions import Fraction

import pytest

PLACES = 100
"""Binary places that every term is cut to: 10^5 terms err by less than 2^-83."""


@pytest.fixture(scope="session")
def add_midpoints():
    """Return a function that adds up 4 / (1 + x^2) over midpoints, as a fraction."""

    def add(intervals, first, last):
        # 4 / (1 + ((2i + 1) / 2N)^2) = 16 N^2 / (4 N^2 + (2i + 1)^2)
        numerator, square = 16 * intervals**2 << PLACES, 4 * intervals**2
        terms = (numerator // (square + odd * odd) for odd in range(2 * first + 1, 2 * last, 2))
        return Fraction(sum(terms), 1 << PLACES)

    return add
