"""What the result must be, computed by each rank alone, and how far from it a right one may be.

Every rank makes the items of all ranks from their numbers, so that no message is needed and
none can be wrong twice in the same way.
"""

from math import sqrt
from typing import Any

import numpy as np

from hpcpy_core.device import Array
from hpcpy_gpu_allreduce.names import UFUNCS

__all__ = ["BOUND", "find_bound", "make_items", "reduce_exactly"]

BOUND = """\
bound: |result - reference| <= (g(u) + g(v)) S for n ranks, where
g(r) = (n-1) r / (1 - (n-1) r), u is the unit roundoff of the dtype, v = 2^-53
that of the reference; for complex products both are sqrt(5) times that.
S is the sum of |items| for sums, and |product of items| for products.
Integers, which wrap around, and min and max are exact: there the bound is 0."""
"""N. J. Higham, "Accuracy and Stability of Numerical Algorithms" (2002), sections 3.1 and 4.2, for
sums in any order; R. Brent, C. Percival, P. Zimmermann, "Error bounds on complex floating-point
multiplication", Math. Comp. 76 (2007) 1469-1481, for sqrt(5)."""

LARGEST_EXPONENT = 12
"""Products of all ranks stay within 2^12 and 2^-12: float16 can hold that without losing digits."""


def make_items(rank: int, ranks: int, count: int, dtype: np.dtype[Any]) -> Array:
    """Return the items of one rank, the same wherever they are made. Local.

    Integers are of the whole range; the others have both signs, or all phases, and sizes from
    1/2 to 2, or nearer to 1 with more than 12 ranks.
    """
    random = np.random.default_rng([rank, count])
    items: Array
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        items = random.integers(limits.min, limits.max, count, dtype, endpoint=True)
        return items
    largest = min(1.0, LARGEST_EXPONENT / ranks)
    sizes = np.exp2(random.uniform(-largest, largest, count))
    if dtype.kind == "c":
        items = sizes * np.exp(1j * random.uniform(-np.pi, np.pi, count))
    else:
        items = sizes * random.choice([-1.0, 1.0], count)
    return items.astype(dtype)


def reduce_exactly(name: str, ranks: int, count: int, dtype: np.dtype[Any]) -> Array:
    """Return the result, in float64 or complex128; integers in their own dtype. Local."""
    wide = {"f": np.dtype(np.float64), "c": np.dtype(np.complex128)}.get(dtype.kind, dtype)
    combine = getattr(np, UFUNCS[name])
    total: Array = make_items(0, ranks, count, dtype).astype(wide)
    for rank in range(1, ranks):
        combine(total, make_items(rank, ranks, count, dtype).astype(wide), out=total)
    return total


def find_bound(name: str, ranks: int, count: int, dtype: np.dtype[Any]) -> Array:
    """Return how far each item may be from `reduce_exactly`, as float64. Local."""
    if dtype.kind in "iu" or name in ("min", "max"):
        return np.zeros(count)
    combine = getattr(np, UFUNCS[name])
    size = np.zeros(count) if name == "sum" else np.ones(count)
    for rank in range(ranks):
        combine(size, np.abs(make_items(rank, ranks, count, dtype).astype(np.complex128)), out=size)
    factor = sqrt(5) if name == "prod" and dtype.kind == "c" else 1.0
    units = [factor * float(np.finfo(each).eps) / 2 for each in (dtype, np.dtype(np.float64))]
    bound: Array = size * sum(_roundings(ranks, unit) for unit in units)
    return bound


def _roundings(ranks: int, unit: float) -> float:
    steps = (ranks - 1) * unit
    return steps / (1 - steps)
