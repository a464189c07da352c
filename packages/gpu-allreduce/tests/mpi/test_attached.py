import pytest
from mpi4py import MPI

from hpcpy_gpu_allreduce.attached import attach
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi


def test_a_second_call_finds_what_the_first_has_made(comm):
    first = attach(comm)
    parallel_assert(comm, attach(comm) is first)
    parallel_assert(comm, MPI.Comm.Compare(first.comm, comm) == MPI.CONGRUENT)
    parallel_assert(comm, first.nodes == 1)


def test_it_is_given_back_with_its_communicator(comm):
    own = comm.Dup()
    inner = attach(own).comm
    own.Free()
    parallel_assert(comm, inner == MPI.COMM_NULL)


def test_communicators_do_not_share_it(comm):
    part = comm.Split(comm.rank % 2)
    try:
        parallel_assert(comm, attach(part) is not attach(comm))
        parallel_assert(comm, attach(part).comm.size == part.size)
    finally:
        part.Free()
