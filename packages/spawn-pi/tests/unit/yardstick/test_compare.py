import math

import pytest

from hpcpy_core.errors import HpcpyError
from hpcpy_spawn_pi.exact_sum import UNITS
from hpcpy_spawn_pi.kernels import find_kernel
from hpcpy_spawn_pi.yardstick.compare import check_totals, compare, format_comparison

INTERVALS = 10**6
TOTAL = int(math.pi * UNITS) * INTERVALS


def test_every_case_is_timed_against_numba():
    cases = {name: find_kernel(name).load() for name in ("numba", "numpy")}
    found = compare(cases, INTERVALS, repeats=3)
    assert found["numba"]["numba_relative_speed"] == 1.0
    for figure in found.values():
        assert figure["pi"] == pytest.approx(math.pi, abs=1e-12)
        assert figure["seconds"]["repeats"] == 3
        expected = INTERVALS / figure["seconds"]["median"]
        assert figure["intervals_per_second"] == pytest.approx(expected)


def test_different_results_are_not_compared():
    numba = find_kernel("numba").load()

    def wrong(intervals, first, last, sums):
        numba(intervals, first, last, sums)
        sums *= 1.01

    with pytest.raises(HpcpyError, match=r"C computes 3\.17.* numba 3\.14"):
        compare({"numba": numba, "C": wrong}, INTERVALS, repeats=1)


def test_a_last_bit_counts_where_the_order_of_operations_is_the_same():
    for name in ("numpy", "C, not fused"):
        with pytest.raises(HpcpyError, match=f"{name} computes 3.14.* must agree"):
            check_totals({"numba": TOTAL, name: TOTAL + 1}, INTERVALS)


def test_the_others_may_round_differently_but_not_err():
    check_totals({"numba": TOTAL, "C": TOTAL + UNITS // 2**40}, INTERVALS)
    with pytest.raises(HpcpyError, match=r"C computes 3.14.* must agree"):
        check_totals({"numba": TOTAL, "C": TOTAL + UNITS // 10}, INTERVALS)


def test_the_table_is_80_columns():
    figure = {"pi": 3.1415926535897936, "intervals_per_second": 1e9, "numba_relative_speed": 15.5}
    for line in format_comparison({"C, one sum, -ffast-math": figure}).splitlines():
        assert len(line) <= 80, line
