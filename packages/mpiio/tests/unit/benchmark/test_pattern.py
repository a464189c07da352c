import numpy as np
import pytest

from hpcpy_mpiio.benchmark import pattern
from hpcpy_mpiio.benchmark.pattern import describe_item, fill, find_wrong


@pytest.fixture(params=[1, 4, 5, 100])
def buffer(request, monkeypatch):
    """Fewer, as many and more items than are checked at a time."""
    monkeypatch.setattr(pattern, "CHUNK", 4)
    return np.zeros(request.param, np.uint64)


def test_what_was_filled_is_right(buffer):
    fill(buffer, 3)
    assert find_wrong(buffer, 3) is None


def test_another_ranks_items_are_wrong_from_the_first(buffer):
    fill(buffer, 3)
    assert find_wrong(buffer, 2) == 0


def test_the_first_wrong_item_is_found(buffer):
    fill(buffer, 0)
    buffer[-1] = 0
    assert find_wrong(buffer, 0) == buffer.size - 1


def test_no_item_occurs_twice():
    two = np.zeros((2, 1000), np.uint64)
    for rank, part in enumerate(two):
        fill(part, rank)
    assert np.unique(two).size == two.size
    assert two.min() > 0


def test_an_item_tells_whose_it_is():
    items = np.zeros(10, np.uint64)
    fill(items, 2)
    assert describe_item(int(items[7])).endswith("item 7 of rank 2")
    assert describe_item(0) == "0, which nobody wrote"
