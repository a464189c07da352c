import pytest

from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi


def test_a_true_condition_passes(comm):
    parallel_assert(comm, comm.rank >= 0, "not shown")


def test_every_rank_fails_with_one_and_names_it(comm):
    last = comm.size - 1
    with pytest.raises(AssertionError) as caught:
        parallel_assert(comm, comm.rank != last, f"from {comm.rank}")
    assert str(caught.value) == f"1 of {comm.size} ranks failed: rank {last}: from {last}"


def test_all_failing_ranks_are_named(comm):
    with pytest.raises(AssertionError) as caught:
        parallel_assert(comm, [])
    said = "; ".join(f"rank {rank}: the condition is false" for rank in range(comm.size))
    assert str(caught.value) == f"{comm.size} of {comm.size} ranks failed: {said}"


def test_the_exception_of_each_rank_is_at_hand(comm):
    with parallel_raises(comm, ValueError, match=r"rank \d") as caught:
        raise ValueError(f"on rank {comm.rank}")
    assert str(caught.error) == f"on rank {comm.rank}"


def test_one_of_several_types_will_do(comm):
    with parallel_raises(comm, (KeyError, ValueError)):
        raise (KeyError if comm.rank else ValueError)


def test_a_rank_that_raises_nothing_fails_all(comm):
    with (
        pytest.raises(AssertionError, match=r"^1 of .* rank 0: raised nothing, not ValueError$"),
        parallel_raises(comm, ValueError),
    ):
        int("seven" if comm.rank else "7")


def test_a_rank_that_raises_something_else_fails_all_and_keeps_the_cause(comm):
    with (
        pytest.raises(AssertionError, match=r"rank 0: raised KeyError.*, not ValueError") as caught,
        parallel_raises(comm, ValueError),
    ):
        raise (ValueError if comm.rank else KeyError)
    assert isinstance(caught.value.__cause__, KeyError) == (comm.rank == 0)


def test_another_text_fails_all(comm):
    with (
        pytest.raises(AssertionError, match=r"rank 0: raised .*, in which 'seven' is not found"),
        parallel_raises(comm, ValueError, match="seven"),
    ):
        raise ValueError("six" if comm.rank == 0 else "seven")
