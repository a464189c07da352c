import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_gpu_allreduce.explain_lack import explain_lack
from hpcpy_gpu_allreduce.reduction import REDUCTIONS, Reduction


@pytest.mark.parametrize("name", REDUCTIONS)
@pytest.mark.parametrize("dtype", ["int32", "uint64", "float32", "float64"])
def test_every_mpi_reduces_the_common_dtypes(name, dtype):
    assert explain_lack(np.dtype(dtype), REDUCTIONS[name]) is None


def test_what_mpi_has_not_is_told():
    least = REDUCTIONS["min"]
    unordered = Reduction(name="min", op=least.op, ufunc="add")
    assert explain_lack(np.dtype("complex64"), unordered) == "this MPI has no MPI.MIN of complex64"


def test_sums_that_end_at_the_largest_number_are_told():
    def saturate(first, second, _):
        total = np.frombuffer(first, np.int8).astype(int) + np.frombuffer(second, np.int8)
        np.frombuffer(second, np.int8)[:64] = total.clip(-128, 127)[:64]

    op = MPI.Op.Create(saturate, commute=True)
    told = explain_lack(np.dtype("int8"), Reduction(name="sum", op=op, ufunc="add"))
    op.Free()
    assert told.endswith("in this MPI: 127 and 2 become 127, not -127")
