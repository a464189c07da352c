import ctypes

import pytest

from hpcpy_testing.emulated_driver.build import build_driver


class Pci(ctypes.Structure):
    _fields_ = [
        ("legacy_id", ctypes.c_char * 16),
        *((name, ctypes.c_uint) for name in ("domain", "bus", "device", "id", "subsystem")),
        ("bus_id", ctypes.c_char * 32),
    ]


@pytest.fixture
def nvml(monkeypatch):
    monkeypatch.setenv("HPCPY_EMULATED_GPUS", "2")
    return ctypes.CDLL(str(build_driver() / "libnvidia-ml.so.1"))


def test_the_devices_are_those_of_the_driver(nvml):
    count, handle, again, pci = ctypes.c_uint(), ctypes.c_void_p(), ctypes.c_void_p(), Pci()
    assert nvml.nvmlInit_v2() == 0
    assert nvml.nvmlDeviceGetCount_v2(ctypes.byref(count)) == 0
    assert count.value == 2
    assert nvml.nvmlDeviceGetHandleByIndex_v2(1, ctypes.byref(handle)) == 0
    assert nvml.nvmlDeviceGetPciInfo_v3(handle, ctypes.byref(pci)) == 0
    assert (pci.bus, pci.legacy_id, pci.bus_id) == (2, b"0000:02:00.0", b"00000000:02:00.0")
    assert nvml.nvmlDeviceGetHandleByPciBusId_v2(pci.bus_id, ctypes.byref(again)) == 0
    assert again.value == handle.value


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda nvml: nvml.nvmlDeviceGetHandleByIndex(2, None), b"Invalid Argument"),
        (lambda nvml: nvml.nvmlDeviceGetHandleByPciBusId_v2(b"x", None), b"Not Found"),
        (lambda nvml: nvml.nvmlDeviceGetNvLinkState(), b"Not Supported"),
        (lambda nvml: nvml.nvmlShutdown(), b"Success"),
    ],
)
def test_it_says_what_is_wrong(nvml, call, words):
    nvml.nvmlErrorString.restype = ctypes.c_char_p
    assert nvml.nvmlErrorString(call(nvml)) == words


def test_a_driver_that_is_not_loaded(nvml, monkeypatch):
    monkeypatch.setenv("HPCPY_EMULATED_GPUS", "broken")
    assert nvml.nvmlInit_v2() == 9
