"""What a device array says of its memory, and what is refused with the call that mends it."""

from types import SimpleNamespace

import numpy as np
import pytest

from hpcpy_core import cuda_driver
from hpcpy_core.device_memory import device_memory
from hpcpy_core.errors import InputError
from hpcpy_testing import emulated_driver
from hpcpy_testing.emulated_driver import DeviceArray, Stream
from hpcpy_testing.emulated_driver.synchronisation import check_synchronised


@pytest.fixture(autouse=True)
def driver(monkeypatch):
    loaded = emulated_driver.load_driver()
    monkeypatch.setattr(cuda_driver, "load_driver", lambda: loaded)
    loaded.use(0)
    return loaded


class View:
    """The memory of an array, described in another way."""

    def __init__(self, array, **changes):
        self.array = array
        self.changes = changes

    @property
    def __cuda_array_interface__(self):
        merged = {**self.array.__cuda_array_interface__, **self.changes}
        return {key: value for key, value in merged.items() if value != "missing"}


def test_what_an_array_is():
    stream = Stream()
    array = DeviceArray((3, 4), "f4", stream=stream)
    memory = device_memory(array)
    assert (memory.address, memory.nbytes, memory.device) == (array.address, 48, 0)
    assert (memory.shape, memory.dtype, memory.stream) == ((3, 4), np.float32, stream.handle)


@pytest.mark.parametrize("stream", [None, 1, 2])
def test_the_stream_is_the_interface_s(stream):
    assert device_memory(View(DeviceArray(3), stream=stream)).stream == stream


def test_the_stream_is_asked_for_anew():
    array = DeviceArray(3, stream=Stream())
    first = device_memory(array).stream
    array.stream = Stream()
    assert device_memory(array).stream == array.stream.handle != first


def test_an_array_without_items_is_nowhere():
    memory = device_memory(DeviceArray((0, 3)))
    assert (memory.nbytes, memory.shape, memory.device) == (0, (0, 3), 0)


def test_to_synchronise_is_to_wait_for_its_stream(driver):
    array = DeviceArray(4, stream=Stream(non_blocking=True))
    array.launch(lambda items: items.fill(1))
    memory = device_memory(array)
    assert driver.count_pending(array.address, array.nbytes) == 1
    memory.synchronize()
    assert driver.count_pending(array.address, array.nbytes) == 0


def test_an_interface_without_a_stream_means_any_of_them(driver):
    array = DeviceArray(4, stream=Stream(non_blocking=True))
    array.launch(lambda items: items.fill(1))
    memory = device_memory(View(array, version=2, stream="missing"))
    assert memory.stream is None
    assert driver.count_pending(array.address, array.nbytes) == 0


def test_to_look_at_an_array_is_not_to_use_it():
    array = DeviceArray(4, stream=Stream(non_blocking=True))
    array.launch(lambda items: items.fill(1))
    with check_synchronised():
        device_memory(array, filled=True)


@pytest.mark.parametrize(
    ("shape", "strides"),
    [((3, 4), (32, 8)), ((1, 4), (7, 8)), ((3, 1), (8, 99)), ((0, 4), (1, 1)), ((), ())],
)
def test_strides_without_gaps_are_one_block(shape, strides):
    assert device_memory(View(DeviceArray((3, 4)), shape=shape, strides=strides)).shape == shape


@pytest.mark.parametrize(
    ("shape", "strides"), [((3,), (16,)), ((4, 3), (8, 32)), ((2, 2), (32, 8)), ((3,), (-8,))]
)
def test_a_view_with_gaps_or_another_order_is_refused(shape, strides):
    view = View(DeviceArray((3, 4)), shape=shape, strides=strides)
    with pytest.raises(InputError, match=r"this \w+\.View of .*: pass cupy.ascontiguousarray"):
        device_memory(view)


def test_host_memory_is_refused():
    with pytest.raises(InputError, match=r"a numpy.ndarray is not in .*cupy.asarray\(array\)"):
        device_memory(np.zeros(3))


def test_host_memory_that_calls_itself_a_device_array_is_refused(driver):
    pinned = driver.allocate_host(24)
    for address in (pinned, np.zeros(3).ctypes.data):
        with pytest.raises(InputError, match=r"is on the host.*pass cupy.array\(array\)"):
            device_memory(View(DeviceArray(3), data=(address, False)))
    driver.free_host(pinned)


def test_memory_of_another_device_is_refused(driver, monkeypatch):
    monkeypatch.setattr(driver, "locate", lambda address: 1)
    with pytest.raises(InputError, match=r"on device 1, but device 0 .*cupy.cuda.Device\(1\):`"):
        device_memory(DeviceArray(3))


def test_a_thread_without_a_context_has_no_other_device(driver, monkeypatch):
    monkeypatch.setattr(driver, "locate", lambda address: 1)
    monkeypatch.setattr(driver, "current_device", lambda: None)
    assert device_memory(DeviceArray(3)).device == 1


def test_read_only_memory_is_refused_where_it_is_filled():
    array = DeviceArray(3, readonly=True)
    assert device_memory(array).nbytes == 24
    with pytest.raises(InputError, match="is read-only, and cannot be received into: pass a copy"):
        device_memory(array, filled=True)


@pytest.mark.parametrize("typestr", ["|b1", "|u1", "<i4", "<f4", "<f8", "<c16"])
def test_types_of_mpi(typestr):
    assert device_memory(View(DeviceArray(3), typestr=typestr)).dtype == np.dtype(typestr)


@pytest.mark.parametrize(
    ("typestr", "name"), [("|V8", "void64"), (">f8", "float64"), ("<M8[s]", "datetime64")]
)
def test_types_that_mpi_has_not_are_refused(typestr, name):
    with pytest.raises(InputError, match=rf"no datatype for the {name}.*view\(cupy.uint8\)"):
        device_memory(View(DeviceArray(3), typestr=typestr))


def test_the_library_of_an_array_is_named():
    with pytest.raises(InputError, match=r"a types.SimpleNamespace is not in device memory"):
        device_memory(SimpleNamespace())
