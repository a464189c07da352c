import pytest

pytestmark = pytest.mark.mpi

KEPT = []


def test_comm_has_all_ranks_and_a_context_of_its_own(comm):
    from mpi4py import MPI

    assert MPI.Comm.Compare(comm, MPI.COMM_WORLD) == MPI.CONGRUENT
    KEPT.append(comm)


def test_comm_was_freed():
    assert not KEPT[0]


def test_subcomm_is_the_first_ranks(comm, subcomm):
    for size in range(1, comm.size + 1):
        part = subcomm(size)
        assert (part is None) == (comm.rank >= size)
        if part is not None:
            assert (part.rank, part.size) == (comm.rank, size)
            KEPT.append(part)


def test_subcomms_are_freed(comm):
    assert [bool(part) for part in KEPT[1:]] == [False] * (comm.size - comm.rank)


@pytest.mark.parametrize("excess", [None, 1])
def test_an_impossible_size_is_refused_on_every_rank(comm, subcomm, excess):
    size = 0 if excess is None else comm.size + excess
    with pytest.raises(ValueError, match=f"from 1 to {comm.size}"):
        subcomm(size)


def test_a_communicator_that_the_test_has_freed_is_left_alone(comm):
    comm.Free()
