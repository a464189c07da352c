"""Whatever one rank expects is what the others send it."""

import numpy as np
import pytest

from hpcpy_collectives.collective_data import collective_data
from hpcpy_collectives.patterns import UNRECEIVED

RANKS = (1, 2, 3, 4, 7)
SIZE = 24


def sent_by_all(base, ranks):
    return [collective_data(base, SIZE, rank, ranks).sent for rank in range(ranks)]


@pytest.mark.parametrize("ranks", RANKS)
def test_every_rank_expects_the_root_s_data_of_a_bcast(ranks):
    root, *others = (collective_data("bcast", SIZE, rank, ranks) for rank in range(ranks))
    assert root.received is None
    assert root.sent.nbytes == SIZE
    for other in others:
        assert np.array_equal(other.expected(), root.sent)


@pytest.mark.parametrize("ranks", RANKS)
def test_gathered_blocks_are_in_rank_order(ranks):
    blocks = np.concatenate(sent_by_all("allgather", ranks))
    for rank in range(ranks):
        assert np.array_equal(collective_data("allgather", SIZE, rank, ranks).expected(), blocks)
        assert (collective_data("gather", SIZE, rank, ranks).received is None) == (rank > 0)


@pytest.mark.parametrize("ranks", RANKS)
def test_blocks_are_exchanged_by_an_alltoall(ranks):
    matrix = np.array(sent_by_all("alltoall", ranks)).reshape(ranks, ranks, SIZE)
    for rank in range(ranks):
        expected = collective_data("alltoall", SIZE, rank, ranks).expected()
        assert np.array_equal(expected.reshape(ranks, SIZE), matrix[:, rank])


@pytest.mark.parametrize("ranks", RANKS)
def test_the_root_s_blocks_are_scattered(ranks):
    whole = collective_data("scatter", SIZE, 0, ranks).sent.reshape(ranks, SIZE)
    for rank in range(ranks):
        data = collective_data("scatter", SIZE, rank, ranks)
        assert np.array_equal(data.expected(), whole[rank])
        assert (data.sent is None) == (rank > 0)


@pytest.mark.parametrize("ranks", RANKS)
def test_floats_are_added_and_divided(ranks):
    total = np.sum(sent_by_all("allreduce", ranks), axis=0)
    parts = [collective_data("reduce_scatter", SIZE, rank, ranks) for rank in range(ranks)]
    assert np.array_equal(collective_data("allreduce", SIZE, 0, ranks).expected(), total)
    assert np.array_equal(np.concatenate([part.expected() for part in parts]), total)
    assert parts[0].counts == tuple(part.received.size for part in parts)


def test_what_was_not_received_differs_from_every_right_answer():
    for base in ("bcast", "gather", "alltoall", "scatter"):
        for rank in range(3):
            data = collective_data(base, SIZE, rank, 3)
            if data.received is not None:
                assert set(data.received.tolist()) == {UNRECEIVED}
                assert UNRECEIVED not in data.expected()
    assert np.isnan(collective_data("allreduce", SIZE, 0, 3).received).all()
