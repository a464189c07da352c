import pytest

from hpcpy_spawn_pi.kernels import BLOCK
from hpcpy_spawn_pi.share import sum_part, sum_share, warm_up

INTERVALS = 5 * BLOCK + 4711
BLOCKS = 6


@pytest.mark.parametrize("size", [1, 2, 5, 6, 9])
def test_the_shares_of_all_workers_are_the_whole(size):
    """Also where there are more workers than blocks."""
    shares = [sum_share("numpy", INTERVALS, rank, size) for rank in range(size)]
    assert sum(shares) == sum_part("numpy", INTERVALS, 0, BLOCKS)
    assert sum(share == 0 for share in shares) == max(0, size - BLOCKS)


def test_a_share_is_a_run_of_blocks():
    assert sum_share("numpy", INTERVALS, 1, 2) == sum_part("numpy", INTERVALS, 3, BLOCKS)


def test_warming_up_runs_the_kernel(monkeypatch):
    from hpcpy_spawn_pi import share

    seen = []
    monkeypatch.setattr(share, "find_kernel", lambda name: seen.append(name) or Loaded(seen))
    warm_up("numba")
    assert seen == ["numba", (1, 0, 1)]


class Loaded:
    """A kernel that tells what it was asked to do."""

    def __init__(self, seen):
        self.seen = seen

    def load(self):
        def block_sums(intervals, first, last, sums):
            self.seen.append((intervals, first, last))
            sums[:] = 3.2

        return block_sums
