import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_gpu_allreduce.check_algorithm import Reference
from hpcpy_gpu_allreduce.reduction import REDUCTIONS


def reference_of(dtype):
    return Reference(MPI.COMM_SELF, 5, np.dtype(dtype), REDUCTIONS["sum"])


@pytest.mark.parametrize("wrong_by", [1, -128, 127])
def test_an_integer_that_is_wrong_is_found_however_far_it_is(wrong_by):
    reference = reference_of("int8")
    found = reference.items.copy()
    assert reference.judge(found) == (0.0, None)
    found[3:4] += np.array([wrong_by], "int8")
    assert reference.judge(found)[1].startswith("at index 3: ")


def test_floats_may_be_wrong_by_the_bound():
    reference = reference_of("float32")
    reference.bound[:] = 1.0
    found = reference.items.copy()
    found[2] += np.float32(0.5)
    part, wrong = reference.judge(found)
    assert part == pytest.approx(0.5)
    assert wrong is None
    for value in (found[2] + 1, np.nan, np.inf):
        found[2] = value
        assert reference.judge(found)[1].startswith("at index 2: ")


def test_nothing_is_right():
    reference = Reference(MPI.COMM_SELF, 0, np.dtype(float), REDUCTIONS["max"])
    assert reference.judge(np.zeros(0)) == (0.0, None)
