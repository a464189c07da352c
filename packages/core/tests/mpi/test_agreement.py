import pytest

from hpcpy_core.agreement import agreed, on_root, raise_on_all
from hpcpy_core.errors import HpcpyError, InputError
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi


class UnpicklableError(Exception):
    def __init__(self, first, second):
        super().__init__(f"{first} and {second}")


def catch(call):
    try:
        call()
    except Exception as error:
        return error
    return None


def test_no_error_passes(comm):
    raise_on_all(comm, None)
    with agreed(comm):
        pass


@pytest.mark.parametrize("which", ["first", "last", "all"])
def test_the_lowest_failing_rank_is_heard_on_all(comm, which):
    failing = {"first": [0], "last": [comm.size - 1], "all": range(comm.size)}[which]
    mine = InputError(f"rank {comm.rank} fails") if comm.rank in failing else None
    caught = catch(lambda: raise_on_all(comm, mine))
    parallel_assert(comm, isinstance(caught, InputError), f"raised {caught!r}")
    parallel_assert(comm, str(caught) == f"rank {min(failing)} fails", f"says {caught}")
    parallel_assert(comm, caught.agreed, "is not marked as agreed")
    noted = any(
        f"rank {min(failing)} of {comm.size}" in n for n in getattr(caught, "__notes__", [])
    )
    parallel_assert(comm, noted or comm.rank == min(failing), "does not name the rank")


def test_other_exceptions_keep_their_type(comm):
    def divide():
        with agreed(comm):
            1 / (comm.rank - comm.size + 1)

    caught = catch(divide)
    parallel_assert(comm, type(caught) is ZeroDivisionError, f"raised {caught!r}")


def test_an_error_that_cannot_be_pickled_still_arrives(comm):
    mine = UnpicklableError("this", "that") if comm.rank == comm.size - 1 else None
    caught = catch(lambda: raise_on_all(comm, mine))
    parallel_assert(comm, "this and that" in str(caught), f"says {caught}")
    expected = UnpicklableError if comm.rank == comm.size - 1 else HpcpyError
    parallel_assert(comm, type(caught) is expected, f"raised {caught!r}")


def test_on_root_runs_on_one_rank_and_fails_on_all(comm):
    ran = []

    def work():
        with on_root(comm) as root:
            if root:
                ran.append(comm.rank)
                raise InputError("root fails")

    caught = catch(work)
    parallel_assert(comm, str(caught) == "root fails", f"raised {caught!r}")
    parallel_assert(comm, ran == ([0] if comm.rank == 0 else []), f"ran on {ran}")
