import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core.errors import InputError
from hpcpy_gpu_allreduce import Allreducer
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi


def test_its_own_buffers_serve_many_steps(comm):
    with Allreducer((2, 3), "float32", comm, algorithm="ring") as reducer:
        assert reducer.algorithm == "ring"
        for step in range(3):
            reducer.sendbuf[...] = step + comm.rank
            found = reducer.reduce()
            assert found is reducer.recvbuf
            parallel_assert(comm, (found == sum(step + rank for rank in range(comm.size))).all())


def test_what_is_in_place_is_in_the_same_memory(comm):
    total = comm.size * (comm.size + 1) / 2
    with Allreducer(5, float, comm) as reducer:
        for give in (lambda array: array, lambda array: array[:], lambda _: MPI.IN_PLACE):
            array = np.full(5, comm.rank + 1.0)
            parallel_assert(comm, reducer.reduce(give(array), array) is array)
            parallel_assert(comm, (array == total).all())


@pytest.mark.parametrize("agreement", ["always", "once"])
def test_a_wrong_array_on_the_last_rank_is_refused_by_all_at_the_first_call(comm, agreement):
    last = comm.rank == comm.size - 1
    with Allreducer(4, float, comm, agreement=agreement) as reducer:
        array = np.ones(5 if last else 4)
        words = r"float64 of shape \(5,\) in host memory, but this Allreducer is for .*\(4,\)"
        with parallel_raises(comm, InputError, match=words) as caught:
            reducer.reduce(array, np.empty_like(array))
        parallel_assert(comm, caught.error.agreed and caught.error.exit_code == 2)
        parallel_assert(comm, (reducer.reduce(np.ones(4)) == comm.size).all())


def test_later_calls_agree_unless_it_was_made_to_agree_once(comm):
    last = comm.rank == comm.size - 1
    with Allreducer(4, float, comm) as reducer:
        reducer.reduce(np.ones(4))
        with parallel_raises(comm, InputError, match="read-only"):
            fixed = np.ones(4)
            fixed.flags.writeable = not last
            reducer.reduce(MPI.IN_PLACE, fixed)
    with Allreducer(4, float, comm, agreement="once") as reducer:
        reducer.reduce(np.ones(4))
        with parallel_raises(comm, InputError, match="not an array") as caught:
            reducer.reduce([1.0, 2.0, 3.0, 4.0], np.empty(4))
        parallel_assert(comm, not caught.error.agreed)


def test_in_place_on_some_ranks_only_is_refused(comm, subcomm):
    array = np.ones(3)
    mine = array if comm.rank == 0 else np.ones(3)
    with Allreducer(3, float, comm) as reducer:
        if comm.size == 1:
            assert reducer.reduce(mine, array) is array
            return
        with parallel_raises(comm, InputError, match="rank 0: in place; rank.*: not in place"):
            reducer.reduce(mine, array)


def test_the_communicator_of_the_caller_is_left_alone(comm):
    """A message of the caller's is not taken, and those of a reducer are not seen."""
    right, left = (comm.rank + 1) % comm.size, (comm.rank - 1) % comm.size
    early = comm.isend("for the caller", right, tag=0)
    with Allreducer(100, float, comm, algorithm="ring") as reducer:
        reducer.reduce(np.ones(100))
    got = comm.recv(source=left, tag=MPI.ANY_TAG)
    early.wait()
    parallel_assert(comm, got == "for the caller")


def test_ranks_that_ask_for_different_things_are_named(comm):
    count = 3 if comm.rank else 4
    if comm.size == 1:
        Allreducer(count, float, comm).free()
        return
    words = r"rank 0: float64 of shape \(4,\), MPI\.SUM, on the cpu.*\(3,\)"
    with parallel_raises(comm, InputError, match=words) as caught:
        Allreducer(count, float, comm)
    parallel_assert(comm, caught.error.agreed)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"dtype": bool}, "bool is no number"),
        ({"dtype": "complex64", "op": MPI.MIN}, "has no order"),
        ({"dtype": float, "algorithm": "rings"}, "did you mean 'ring'"),
        ({"dtype": float, "algorithm": "ipc"}, "'ipc' is not possible here: it needs a GPU"),
        ({"dtype": float, "algorithm": "staged"}, "Take auto, host, ring, recursive_doubling"),
    ],
)
def test_what_cannot_be_is_refused_when_it_is_made(comm, given, words):
    with parallel_raises(comm, InputError, match=words) as caught:
        Allreducer(3, comm=comm, **given)
    parallel_assert(comm, caught.error.agreed)


@pytest.mark.parametrize("shape", [[2, 3], np.array([2, 3]), (np.int64(2), np.array(3))])
def test_a_shape_of_lists_and_numpys_numbers_is_taken(comm, shape):
    with Allreducer(shape, "f8", comm) as reducer:
        total = reducer.reduce(np.ones((2, 3)))
        good = total.shape == (2, 3) and (total == comm.size).all()
    parallel_assert(comm, good, f"gave {total}")


def test_a_shape_that_is_none_and_an_unknown_agreement_are_refused_on_all(comm):
    with parallel_raises(comm, InputError, "shape = 2.5: must be a whole number"):
        Allreducer(2.5, "f8", comm)
    with parallel_raises(comm, InputError, "there is no agreement 'never'"):
        Allreducer(3, "f8", comm, agreement="never")


def test_an_agreement_that_differs_between_ranks_is_refused_on_all(comm):
    if comm.size > 1:
        with parallel_raises(comm, InputError, "do not reduce the same .*agreement once"):
            Allreducer(3, "f8", comm, agreement="once" if comm.rank else "always")
