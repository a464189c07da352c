"""The emulated module is found by import, and makes memory as CuPy does."""

import numpy as np
import pytest

from hpcpy_core import cuda_driver
from hpcpy_testing.emulated_cupy import DeviceArray
from hpcpy_testing.emulated_cupy.guarded import ALIGNMENT


def test_it_is_what_import_finds_until_the_test_ends(cupy):
    import cupy as found

    assert found is cupy
    assert cuda_driver.load_driver() is cupy.driver


def test_waiting_is_counted(cupy):
    cupy.cuda.get_current_stream().synchronize()
    assert cupy.synchronized == 1


@pytest.mark.parametrize(
    ("make", "items"),
    [
        (lambda cupy: cupy.zeros(3), [0, 0, 0]),
        (lambda cupy: cupy.full((2, 1), 5, "i4"), [[5], [5]]),
        (lambda cupy: cupy.asarray(np.arange(3)), [0, 1, 2]),
        (lambda cupy: cupy.array([1.5]), [1.5]),
        (lambda cupy: cupy.ones_like(cupy.zeros(2, "u1")), [1, 1]),
    ],
)
def test_new_memory_is_aligned(cupy, make, items):
    array = make(cupy)
    assert type(array) is DeviceArray
    assert array.tolist() == items
    assert array.ctypes.data % ALIGNMENT == 0


def test_memory_that_nobody_wrote_is_not_a_number(cupy):
    assert np.isnan(cupy.empty((2, 3)).get()).all()
    assert np.isnan(cupy.empty_like(cupy.zeros(3)).get()).all()


def test_an_array_of_the_host_is_copied_and_one_of_the_device_is_not(cupy):
    host = np.zeros(3)
    array = cupy.asarray(host)
    host[0] = 1
    assert array.tolist() == [0, 0, 0]
    assert cupy.asarray(array).ctypes.data == array.ctypes.data
    copy = cupy.asnumpy(array)
    assert type(copy) is np.ndarray
    copy[0] = 2
    assert array.tolist() == [0, 0, 0]
