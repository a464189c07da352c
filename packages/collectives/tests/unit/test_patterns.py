import numpy as np
import pytest

from hpcpy_collectives.patterns import (
    UNRECEIVED,
    bytes_of,
    find_mismatch,
    floats_of,
    sum_of_floats,
)


def test_bytes_depend_on_rank_and_index():
    assert bytes_of(0, 0, 3).tolist() == [0, 1, 2]
    assert bytes_of(1, 0, 3).tolist() == [31, 32, 33]
    assert bytes_of(2, 5, 1).tolist() == [67]
    assert bytes_of(1, 0, 1000).max() < UNRECEIVED


def test_neighbouring_blocks_differ_at_every_power_of_two():
    for size in (1 << k for k in range(12)):
        assert not np.array_equal(bytes_of(0, 0, size), bytes_of(0, size, size))


@pytest.mark.parametrize("ranks", [1, 2, 3, 16, 37])
def test_the_sum_is_that_of_all_ranks(ranks):
    expected = np.sum([floats_of(rank, 40) for rank in range(ranks)], axis=0)
    assert np.array_equal(sum_of_floats(ranks, 0, 40), expected)
    assert np.array_equal(sum_of_floats(ranks, 7, 5), expected[7:12])


def test_sums_are_exact_in_4_byte_floats_at_a_hundred_thousand_ranks():
    assert sum_of_floats(100_000, 0, 16).tolist() == [750_000.0] * 16


def test_the_first_wrong_element_is_found():
    right = np.arange(5)
    wrong = right.copy()
    wrong[[2, 4]] = 9
    assert find_mismatch(right, right) is None
    assert find_mismatch(wrong, right) == (2, 9, 2)
    assert find_mismatch(right[:3], right) == (3, "3 values", "5 values")
    assert find_mismatch(np.full(2, np.nan), np.zeros(2))[0] == 0
