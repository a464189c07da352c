from types import SimpleNamespace

import numpy as np
import pytest

from hpcpy_core.errors import HpcpyError
from hpcpy_core.selection import select
from hpcpy_diffusion.ladder.check import CHECKED_POINTS, check, small_problem, solve_reference
from hpcpy_diffusion.ladder.time_run import TimedRun
from hpcpy_diffusion.parameters import Parameters
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi


@pytest.fixture
def reference(comm):
    selection = select("auto", "auto", comm)
    small = small_problem(Parameters(fourier=0.2))
    return TimedRun(parameters=small, comm=comm, selection=selection, kernel="python")


@pytest.fixture
def fields(reference):
    return solve_reference(reference)


def test_the_small_problem_shows_what_a_symmetric_one_would_hide(comm, reference, fields):
    parallel_assert(comm, reference.parameters.points == CHECKED_POINTS)
    for field in fields.values():
        if comm.rank == 0:
            assert field.shape == (CHECKED_POINTS + 2,) * 2
            assert not np.array_equal(field, field[::-1])
            assert not np.array_equal(field, field[:, ::-1])


def test_the_same_field_differs_by_nothing(comm, reference, fields):
    parallel_assert(comm, check("kernel python", reference, fields, comm) == 0.0)


@pytest.mark.parametrize("wrong", [1e-12, np.nan])
def test_one_wrong_item_is_named_on_all_ranks(comm, reference, fields, wrong):
    def whole(steps):
        field = reference.whole(steps)
        if steps == 7 and field is not None:
            field[3, 4] += wrong
        return field

    broken = SimpleNamespace(whole=whole)
    with pytest.raises(HpcpyError) as caught:
        check("kernel broken", broken, fields, comm)
    text = str(caught.value)
    said = "kernel broken is wrong and was not timed: after 7 steps on 41 x 41 points u[3, 4] = "
    parallel_assert(comm, text.startswith(said), text)
    parallel_assert(comm, caught.value.agreed)
    parallel_assert(comm, caught.value.exit_code == 1)


def test_another_order_of_operations_is_told_and_let_pass(comm, reference, fields):
    def whole(steps):
        field = reference.whole(steps)
        return field if field is None else field * (1 + 2e-16 * steps)

    share = check("kernel rounded", SimpleNamespace(whole=whole), fields, comm)
    parallel_assert(comm, (0 < share < 1e-13) == (comm.rank == 0), f"{share}")
    parallel_assert(
        comm, check("rough", SimpleNamespace(whole=whole), fields, comm, tolerance=1e-10) == share
    )
