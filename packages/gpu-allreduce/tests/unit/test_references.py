from fractions import Fraction
from math import prod

import numpy as np
import pytest

from hpcpy_gpu_allreduce.names import DTYPES
from hpcpy_gpu_allreduce.references import find_bound, make_items, reduce_exactly

RANKS, COUNT = 7, 200
EXACTLY = {"sum": sum, "prod": prod, "min": min, "max": max}


def items_of(dtype):
    return [make_items(rank, RANKS, COUNT, np.dtype(dtype)) for rank in range(RANKS)]


@pytest.mark.parametrize("operation", ["sum", "prod"])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int8", "uint64"])
def test_the_reference_is_the_exact_result_within_a_part_of_the_bound(dtype, operation):
    found = reduce_exactly(operation, RANKS, COUNT, np.dtype(dtype))
    bound = find_bound(operation, RANKS, COUNT, np.dtype(dtype))
    for index, items in enumerate(zip(*items_of(dtype), strict=True)):
        exact = EXACTLY[operation](Fraction(item.item()) for item in items)
        error = Fraction(found[index].item()) - exact
        if found.dtype.kind in "iu":
            assert error % 256**found.itemsize == 0  # integers wrap around
        else:
            assert abs(error) <= Fraction(float(bound[index])) / 2


@pytest.mark.parametrize("operation", ["sum", "prod", "min", "max"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_any_order_is_within_the_bound_and_a_missing_rank_is_not(dtype, operation):
    dtype = np.dtype(dtype)
    if dtype.kind == "c" and operation in ("min", "max"):
        return
    items, ufunc = items_of(dtype), {"sum": np.add, "prod": np.multiply}.get(operation)
    ufunc = ufunc or {"min": np.minimum, "max": np.maximum}[operation]
    reference = reduce_exactly(operation, RANKS, COUNT, dtype)
    bound = find_bound(operation, RANKS, COUNT, dtype)

    def errors(order):
        total = items[order[0]].copy()
        for rank in order[1:]:
            ufunc(total, items[rank], out=total)
        return np.where(total == reference, 0, np.abs(total - reference))

    for order in ([0, 1, 2, 3, 4, 5, 6], [6, 2, 4, 0, 1, 3, 5]):
        assert (errors(order) <= bound).all()
    assert (errors([0, 1, 2, 3, 4, 5]) > bound).any()


def test_products_of_many_ranks_stay_in_the_range_of_float16():
    for ranks in (2, 12, 100, 1000):
        product = reduce_exactly("prod", ranks, 50, np.dtype("float16"))
        assert (np.abs(product) < 2.0**13).all()
        assert (np.abs(product) > 2.0**-13).all()


def test_one_rank_makes_no_error():
    assert not find_bound("sum", 1, 3, np.dtype("float32")).any()
