import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core.errors import InputError
from hpcpy_gpu_allreduce.names import DTYPES, UFUNCS
from hpcpy_gpu_allreduce.reduction import REDUCTIONS, check_dtype, find_reduction


def test_every_operation_combines_as_mpi_does():
    first, second = np.array([2, 7]), np.array([5, 3])
    for name, expected in {"sum": [7, 10], "prod": [10, 21], "min": [2, 3], "max": [5, 7]}.items():
        ours, theirs = np.empty(2, int), second.copy()
        REDUCTIONS[name].combine(np, first, second, ours)
        REDUCTIONS[name].op.Reduce_local(first, theirs)
        assert ours.tolist() == theirs.tolist() == expected
    assert str(REDUCTIONS["sum"]) == "MPI.SUM"


@pytest.mark.parametrize("count", [1, 2, 7])
def test_complex_products_have_the_same_bits_in_place(count):
    random = np.random.default_rng(0)
    for _ in range(100):
        first, second = (
            np.exp(1j * random.uniform(0, 6, count)).astype("complex64") for _ in range(2)
        )
        bits = set()
        for place in ("apart", "first", "second"):
            one, other = first.copy(), second.copy()
            out = {"apart": np.empty_like(one), "first": one, "second": other}[place]
            REDUCTIONS["prod"].combine(np, one, other, out)
            bits.add(out.tobytes())
        assert len(bits) == 1


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_dtype_has_the_operations_that_make_sense(dtype):
    dtype = np.dtype(dtype)
    check_dtype(dtype)
    for name in UFUNCS:
        if dtype.kind == "c" and name in ("min", "max"):
            with pytest.raises(InputError, match=r"no order: reduce numpy\.abs\(array\)"):
                find_reduction(REDUCTIONS[name].op, dtype)
        else:
            assert find_reduction(REDUCTIONS[name].op, dtype).name == name


def test_other_operations_are_refused():
    with pytest.raises(InputError, match=r"pass op=MPI\.SUM"):
        find_reduction(MPI.LAND, np.dtype(int))


@pytest.mark.parametrize(
    ("dtype", "words"),
    [
        ("bool", r"array\.view\(numpy\.uint8\)"),
        (np.dtype(float).newbyteorder("S"), "byte order of another machine"),
        ("U3", "cannot reduce <U3: pass an array of one of int8"),
        ("g", "cannot reduce"),
        ([("a", "i4")], "cannot reduce"),
    ],
)
def test_other_dtypes_are_refused(dtype, words):
    with pytest.raises(InputError, match=words):
        check_dtype(np.dtype(dtype))
