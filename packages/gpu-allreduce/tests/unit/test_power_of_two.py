import pytest
from mpi4py import MPI

from hpcpy_gpu_allreduce.power_of_two import PowerOfTwo


@pytest.mark.parametrize("ranks", range(1, 18))
def test_every_rank_takes_part_or_has_a_partner_who_does(ranks):
    groups = [PowerOfTwo(rank=rank, ranks=ranks) for rank in range(ranks)]
    active = [group for group in groups if not group.stands_by]
    size = groups[0].size
    assert size <= ranks < 2 * size
    assert [group.position for group in active] == list(range(size))
    for group in active:
        assert group.rank_of(group.position) == group.rank
    for group in groups:
        if group.stands_by:
            partner = groups[group.partner]
            assert partner.partner == group.rank
            assert not partner.stands_by
    paired = [group for group in groups if group.partner != MPI.PROC_NULL]
    assert len(paired) == 2 * (ranks - size)


def test_distances_reach_every_position():
    assert [PowerOfTwo(rank=0, ranks=ranks).distances() for ranks in (1, 2, 3, 4, 9)] == [
        [],
        [1],
        [1],
        [1, 2],
        [1, 2, 4],
    ]
