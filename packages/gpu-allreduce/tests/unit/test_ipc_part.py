"""Who reduces which items, for ranks on one GPU and on several."""

from types import SimpleNamespace

import numpy as np
import pytest

from hpcpy_gpu_allreduce.ipc_part import find_part


def parts(count, dtype, gpus):
    return [
        find_part(
            SimpleNamespace(comm=SimpleNamespace(rank=rank), count=count, dtype=np.dtype(dtype)),
            gpus,
        )
        for rank in range(len(gpus))
    ]


@pytest.mark.parametrize("gpus", ["a", "aaaa", "ab", "abab", "aabb", "abca"])
@pytest.mark.parametrize("dtype", ["i1", "f4", "f8", "c16"])
@pytest.mark.parametrize("count", [1, 2, 3, 100, 1001])
def test_every_item_has_one_gpu_and_every_gpu_one_rank(count, dtype, gpus):
    taken, given = np.zeros(count, int), parts(count, dtype, list(gpus))
    for rank, part in enumerate(given):
        taken[part] += 1
        assert part.start == part.stop or gpus.index(gpus[rank]) == rank
        assert part.start * np.dtype(dtype).itemsize % 16 == 0 or part.start == part.stop
    assert (taken == 1).all()


def test_parts_are_equal():
    lengths = [part.stop - part.start for part in parts(4000, "f8", list("abcb"))]
    assert lengths == [1334, 1334, 1332, 0]


def test_few_items_are_one_ranks():
    assert [part.stop - part.start for part in parts(2, "f8", list("abc"))] == [2, 0, 0]
