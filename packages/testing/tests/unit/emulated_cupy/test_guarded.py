"""Memory that tells who writes beside it."""

import ctypes
import mmap

import numpy as np
import pytest

from hpcpy_testing.emulated_cupy import DeviceArray, check_guards, guarded
from hpcpy_testing.emulated_cupy.guarded import ALIGNMENT
from hpcpy_testing.emulated_kernels import KernelError, compile_on_host


def around(array, byte):
    """Return a byte, counted from the first of the array, wherever it lies."""
    return np.ctypeslib.as_array((ctypes.c_uint8 * 1).from_address(array.ctypes.data + byte))


def test_rows_lie_apart_and_are_not_numbers():
    array = guarded((5, 7), np.float32, pitch=128)
    assert type(array) is DeviceArray
    assert array.strides == (128, 4)
    assert array.ctypes.data % ALIGNMENT == 0
    assert np.isnan(array.get()).all()
    assert guarded(3, np.int16).tolist() == [-1, -1, -1]
    assert guarded((), np.float64).shape == ()
    assert guarded((0, 3)).size == 0


@pytest.mark.parametrize(
    ("flush", "byte", "message"),
    [
        ("last", -1, "1 B before, first at byte -1 of a float64 array"),
        ("last", -3000, "before, first at byte -3000"),
        ("last", 3 * 64, "behind, first at byte 0"),
        ("first", 3 * 64 + 3000, "behind, first at byte 3000"),
        ("first", 40, "between the rows of, first at byte 0, 0 of"),
        ("first", 127, "between the rows of, first at byte 1, 23 of"),
    ],
)
def test_a_write_beside_the_items_is_found_and_told_once(flush, byte, message):
    array = guarded((3, 5), np.float64, pitch=64, flush=flush)
    array[...] = 0
    check_guards()
    around(array, byte)[0] = 1
    with pytest.raises(KernelError, match=message):
        check_guards()
    check_guards()


PEEK = 'extern "C" __global__ void peek(const float *x, int n, float *y) { y[threadIdx.x] = x[n]; }'


@pytest.mark.parametrize(
    ("flush", "index"), [("last", 512), ("last", 3000), ("first", -1), ("first", -2000)]
)
def test_what_is_outside_of_the_pages_cannot_even_be_read(flush, index):
    peek = compile_on_host(PEEK).get_function("peek")
    x, y = guarded((4, 100), np.float32, pitch=512, flush=flush), guarded(2, np.float32)
    for inside in (0, 3 * 128 + 127):
        peek((2,), (2,), (x, np.int32(inside), y))
    for _ in range(2):
        with pytest.raises(KernelError, match=r"peek: thread \([01], 0, 0\) of .* nothing is"):
            peek((2,), (2,), (x, np.int32(index), y))


def test_arrays_begin_and_end_with_their_pages_in_turns():
    places = {guarded(64).ctypes.data % mmap.PAGESIZE for _ in range(2)}
    assert places == {0, mmap.PAGESIZE - ALIGNMENT}


def test_arrays_that_are_gone_are_not_looked_at():
    array = guarded(4, flush="last")
    around(array, -1)[0] = 1
    del array
    check_guards()


@pytest.mark.parametrize(("shape", "pitch"), [((3, 5), 39), ((3, 5), 44), ((3,), 64)])
def test_rows_fit_their_pitch(shape, pitch):
    with pytest.raises(ValueError, match="does not fit"):
        guarded(shape, np.float64, pitch=pitch)
