import pytest

from hpcpy_collectives.algorithms import ALGORITHMS, Machine

A, B, G = 100.0, 10.0, 1.0
M = Machine(alpha=A, beta=B, gamma=G)
RING, DOUBLING = "scatter, ring allgather", "scatter, recursive doubling"


@pytest.mark.parametrize(
    ("collective", "algorithm", "ranks", "size", "seconds"),
    [
        # by hand, with alpha 100, beta 10, gamma 1
        ("bcast", "binomial", 2, 8, 180),
        ("bcast", "binomial", 5, 8, 3 * 180),
        ("bcast", "binomial", 8, 8, 3 * 180),
        ("bcast", RING, 4, 8, (2 + 3) * 100 + 2 * 0.75 * 80),
        ("bcast", DOUBLING, 4, 8, (2 + 2) * 100 + 2 * 0.75 * 80),
        ("bcast", DOUBLING, 5, 8, (3 + 4) * 100 + 2 * 0.8 * 80),
        ("allreduce", "recursive doubling", 2, 8, 188),
        ("allreduce", "recursive doubling", 8, 8, 3 * 188),
        ("allreduce", "recursive doubling", 3, 8, 188 + 2 * 180 + 8),
        ("allreduce", "ring", 3, 9, 4 * 100 + 4 / 3 * 90 + 2 / 3 * 9),
        ("allreduce", "Rabenseifner", 4, 8, 4 * 100 + 1.5 * 80 + 0.75 * 8),
        ("allreduce", "Rabenseifner", 5, 8, 4 * 100 + 1.5 * 80 + 0.75 * 8 + 2 * 180 + 8),
        ("alltoall", "Bruck", 4, 8, 2 * (100 + 2 * 80)),
        ("alltoall", "Bruck", 5, 8, 3 * 100 + (2 + 2 + 1) * 80),
        ("alltoall", "pairwise", 4, 8, 3 * 180),
    ],
)
def test_small_cases_by_hand(collective, algorithm, ranks, size, seconds):
    assert ALGORITHMS[collective][algorithm](M, ranks, size) == pytest.approx(seconds)


CLUSTER = Machine(alpha=1e-6, beta=1e-10, gamma=1e-11)


def cheapest(collective, ranks, size):
    costs = ALGORITHMS[collective]
    return min(costs, key=lambda name: costs[name](CLUSTER, ranks, size))


def test_short_messages_want_few_steps_and_long_ones_little_volume():
    assert cheapest("allreduce", 1024, 8) == "recursive doubling"
    assert cheapest("allreduce", 1024, 1 << 24) == "Rabenseifner"
    assert cheapest("allreduce", 7, 1 << 30) == "ring"
    assert cheapest("bcast", 64, 8) == "binomial"
    assert cheapest("bcast", 64, 1 << 24) == DOUBLING
    assert cheapest("bcast", 65, 1 << 24) == RING
    assert cheapest("alltoall", 1024, 8) == "Bruck"
    assert cheapest("alltoall", 1024, 1 << 20) == "pairwise"


def test_long_vectors_cost_twice_their_volume_whatever_the_ranks():
    free = Machine(alpha=0.0, beta=1.0, gamma=0.0)
    for name in ("ring", "Rabenseifner"):
        assert ALGORITHMS["allreduce"][name](free, 65536, 1000) == pytest.approx(2000, rel=1e-4)


@pytest.mark.parametrize("ranks", [2, 3, 5, 8, 100, 1000, 1024])
def test_bruck_sends_a_block_once_for_every_bit_of_its_distance(ranks):
    moved = Machine(alpha=0.0, beta=1.0, gamma=0.0)
    ones = sum(distance.bit_count() for distance in range(ranks))
    assert ALGORITHMS["alltoall"]["Bruck"](moved, ranks, 1) == ones


@pytest.mark.parametrize("ranks", [2, 3, 100_000])
def test_costs_grow_with_the_size(ranks):
    for costs in ALGORITHMS.values():
        for cost in costs.values():
            assert 0 < cost(M, ranks, 8) < cost(M, ranks, 16)
