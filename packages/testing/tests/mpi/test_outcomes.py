import pytest

from hpcpy_testing.assertions import parallel_assert
from hpcpy_testing.outcomes import LONGEST, Outcomes

pytestmark = pytest.mark.mpi

among_several = pytest.mark.mpi(min_size=2)


@pytest.mark.parametrize("outcome", ["passed", "skipped", "xfailed", "failed"])
def test_the_same_on_all_ranks_is_no_difference(comm, outcome):
    outcomes = Outcomes(comm)
    parallel_assert(comm, outcomes.find_difference("test_a") is None)
    outcomes.note("test_a", outcome, f"for rank {comm.rank}")
    comm.Barrier()
    parallel_assert(comm, outcomes.find_difference("test_a") is None)


@among_several
@pytest.mark.parametrize(
    ("on_last", "elsewhere", "said"),
    [
        ("skipped", "passed", "rank {last} skipped it (why), and rank {other} passed: "),
        ("xfailed", "passed", "rank {last} failed in it as expected (why), and rank {other} pass"),
        ("skipped", "", "rank {last} skipped it (why), and rank {other} did not: "),
        ("skipped", "xfailed", "rank {last} skipped it (why), and rank {other} failed in it as"),
    ],
)
def test_a_rank_that_leaves_alone_is_named_by_all_others(comm, on_last, elsewhere, said):
    outcomes, last = Outcomes(comm), comm.size - 1
    if comm.rank == last:
        outcomes.note("test_a", on_last, "why")
    elif elsewhere:
        outcomes.note("test_a", elsewhere)
    comm.Barrier()
    found = outcomes.find_difference("test_a") or ""
    words = said.format(last=last, other=comm.rank)
    parallel_assert(comm, comm.rank == last or words in found, found)
    parallel_assert(comm, outcomes.find_difference("test_b") is None)


@among_several
def test_the_rank_that_skipped_alone_sees_it_too(comm):
    outcomes = Outcomes(comm)
    outcomes.note("test_a", "skipped" if comm.rank == 0 else "passed", "no data")
    comm.Barrier()
    found = outcomes.find_difference("test_a") or ""
    parallel_assert(comm, "rank 0 skipped it (no data), and rank " in found, found)


@among_several
@pytest.mark.parametrize("other", ["skipped", "passed", ""])
def test_a_failure_is_told_by_the_rank_that_failed(comm, other):
    outcomes = Outcomes(comm)
    if comm.rank == 0:
        outcomes.note("test_a", "failed")
    elif other:
        outcomes.note("test_a", other)
    comm.Barrier()
    found = outcomes.find_difference("test_a")
    # Among themselves the others agree.
    parallel_assert(comm, found is None, str(found))


@among_several
def test_many_ends_are_read_and_a_long_reason_is_cut(comm):
    outcomes = Outcomes(comm)
    for number in range(3000):
        outcomes.note(f"test_a[{number}]", "passed")
    if comm.rank:
        outcomes.note("test_b", "skipped", "long\n" * 10**5)
    comm.Barrier()
    found = outcomes.find_difference("test_b") or ""
    parallel_assert(comm, ("long long" in found and len(found) < LONGEST + 150) or comm.rank > 0)
    parallel_assert(comm, outcomes.find_difference("test_a[2999]") is None)
