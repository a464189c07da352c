import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from hpcpy_core.agreement import agreed, on_root, raise_on_all, same_on_all
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


@dataclass(frozen=True)
class Case:
    dx: float
    names: tuple[str, ...]


def test_the_same_on_all_ranks_passes(comm):
    same_on_all(
        comm,
        {
            "case": Case(dx=0.1, names=("a", "b")),
            "set": {f"name{i}" for i in range(20)},
            "dtype": np.dtype("f8"),
            "array": np.arange(10),
            "huge": 10**5000,
            "function": catch,
            "path": Path("/a"),
            "not a number": math.nan,
        },
    )
    same_on_all(comm, {})


@pytest.mark.parametrize(
    ("first", "other", "said"),
    [
        (1.0, 2.0, "rank {0} has 2.0 where rank 0 has 1.0"),
        (1.0, np.nextafter(1.0, 2.0), "rank {0} has 1.0000000000000002 where rank 0 has 1.0"),
        ("float64", "float32", "rank {0} has float32 where rank 0 has float64"),
        (np.dtype("f8"), np.dtype("f4"), "rank {0} has float32 where rank 0 has float64"),
        (None, 3, "rank {0} has 3 where rank 0 has None"),
        (Case(0.1, ("a",)), Case(0.2, ("a",)), "dx: 0.2, names: (a)}} where rank 0 has {{dx: 0.1"),
        ([1, 2], [1, 3], "rank {0} has (1, 3) where rank 0 has (1, 2)"),
        (np.arange(3), np.arange(3)[::-1], "rank {0} has an array of int64 of shape (3,)"),
    ],
)
def test_the_first_difference_is_named_by_rank_on_all(comm, first, other, said):
    last = comm.size - 1
    mine = other if comm.rank == last > 0 else first
    error = catch(lambda: same_on_all(comm, {"same": 1, "parameter": mine, "other": comm.rank}))
    if comm.size == 1:
        assert error is None
        return
    parallel_assert(comm, isinstance(error, InputError) and error.agreed, f"raised {error!r}")
    if comm.size == 2:
        parallel_assert(comm, str(error).startswith("parameter differs"), f"says {error}")
        parallel_assert(comm, said.format(1) in str(error), f"says {error}")
    else:  # rank 1 has the same parameter, but is another
        parallel_assert(comm, "rank 1 has 1 where rank 0 has 0" in str(error), f"says {error}")


def test_a_name_that_one_rank_lacks_is_a_difference(comm):
    what = {"a": 1} if comm.rank else {"a": 1, "b": 2}
    error = catch(lambda: same_on_all(comm, what))
    said = "b differs between the ranks: rank 1 has nothing where rank 0 has 2"
    parallel_assert(comm, comm.size == 1 or said in str(error), f"says {error}")


def test_another_order_of_names_is_refused_on_all(comm):
    what = {"a": 1, "b": 2} if comm.rank else {"b": 2, "a": 1}
    error = catch(lambda: same_on_all(comm, what))
    parallel_assert(comm, comm.size == 1 or "orders" in str(error), f"says {error}")
