import numpy as np
import pytest

from hpcpy_testing.emulated_driver import DeviceArray, Stream


@pytest.mark.parametrize("dtype", ["u1", "i4", "f8", "c16"])
@pytest.mark.parametrize("shape", [(), (1,), (3, 4), (0, 2)])
def test_to_the_device_and_back(driver, shape, dtype):
    host = np.arange(np.prod(shape, dtype=int)).reshape(shape).astype(dtype)
    array = DeviceArray.from_host(host)
    assert (array.shape, array.dtype, array.size, array.nbytes) == (
        host.shape,
        host.dtype,
        host.size,
        host.nbytes,
    )
    np.testing.assert_array_equal(array.get(), host)
    assert array.get().dtype == dtype


def test_a_view_with_gaps_is_copied_in_order(driver):
    host = np.arange(12).reshape(3, 4)
    np.testing.assert_array_equal(DeviceArray.from_host(host.T).get(), host.T)


def test_zeros(driver):
    assert DeviceArray.zeros((2, 2), "i4").get().tolist() == [[0, 0], [0, 0]]


def test_into_an_array_of_the_host(driver):
    out = np.empty(3)
    assert DeviceArray.from_host(np.arange(3.0)).get(out) is out
    assert out.tolist() == [0, 1, 2]


@pytest.mark.parametrize("wrong", [np.zeros(4), np.zeros(3, "f4")])
def test_what_does_not_fit_is_refused(driver, wrong):
    array = DeviceArray.zeros(3)
    with pytest.raises(ValueError, match=r"set\(\) takes float64 of shape \(3,\)"):
        array.set(wrong)
    with pytest.raises(ValueError, match=r"get\(\) needs C-ordered float64 of shape \(3,\)"):
        array.get(wrong)


def test_copies_between_arrays_have_one_size(driver):
    with pytest.raises(ValueError, match=r"copy_from\(\) takes 24 B, not 32 B"):
        DeviceArray(3).copy_from(DeviceArray(4))


def test_work_is_late_in_the_arrays_stream(driver):
    array = DeviceArray.zeros(2, stream=Stream(non_blocking=True))
    array.set(np.ones(2), wait=False)
    array.launch(lambda items: np.multiply(items, 5, out=items))
    assert driver.count_pending(array.address, array.nbytes) == 2
    array.stream.synchronize()
    assert driver.count_pending(array.address, array.nbytes) == 0
    assert array.get().tolist() == [5, 5]


@pytest.mark.parametrize("named", [False, True])
def test_what_mpi4py_reads(driver, named):
    stream = Stream() if named else None
    array = DeviceArray((2, 3), "f4", stream=stream)
    interface = array.__cuda_array_interface__
    address, readonly = interface.pop("data")
    assert (address, bool(readonly)) == (array.address, False)
    assert interface == {
        "shape": (2, 3),
        "typestr": "<f4",
        "strides": None,
        "version": 3,
        "stream": stream.handle if stream else 1,
    }


def test_an_array_without_items_has_no_memory(driver):
    array = DeviceArray.zeros(0)
    array.launch(lambda items: None)
    assert array.__cuda_array_interface__["data"] == (0, array.__cuda_array_interface__["data"][1])
