import os

import pytest

from hpcpy_diffusion.ladder.count_cores import count_cores
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi


def test_ranks_share_the_cores_that_are_left_to_all_of_them(comm, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(16)))
    parallel_assert(comm, count_cores(comm) == 16 // comm.size)


def test_bound_ranks_have_cores_of_their_own(comm, monkeypatch):
    first = 10 * comm.rank
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(first, first + 3)))
    parallel_assert(comm, count_cores(comm) == 3)


def test_no_rank_has_less_than_one(comm, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    parallel_assert(comm, count_cores(comm) == 1)
