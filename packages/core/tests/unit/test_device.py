import sys
from types import ModuleType, SimpleNamespace

import pytest
from mpi4py import MPI

from hpcpy_core import device
from hpcpy_core.errors import InputError


def install_cupy(monkeypatch, count):
    """Put a cupy in place whose runtime answers like `count`."""
    cupy = ModuleType("cupy")
    cupy.cuda = SimpleNamespace(runtime=SimpleNamespace(getDeviceCount=count))
    monkeypatch.setitem(sys.modules, "cupy", cupy)
    monkeypatch.setattr(device, "find_spec", lambda name: object())


def fail():
    raise RuntimeError("cudaErrorInsufficientDriver: driver too old\nmore")


def test_no_gpu_without_cupy():
    assert device.find_gpu() == "cupy is not installed"


def test_no_gpu_where_the_driver_fails(monkeypatch):
    install_cupy(monkeypatch, fail)
    reason = "cupy found no device (cudaErrorInsufficientDriver: driver too old)"
    assert device.find_gpu() == reason


def test_no_gpu_where_there_is_none(monkeypatch):
    install_cupy(monkeypatch, lambda: 0)
    assert device.find_gpu() == "cupy found no device"


def test_a_visible_gpu_is_not_taken_before_its_path_is_proven(monkeypatch):
    install_cupy(monkeypatch, lambda: 1)
    assert device.find_gpu() is None
    chosen = device.select_device("auto", MPI.COMM_SELF)
    assert (chosen.kind, chosen.reason) == ("cpu", "no GPU: the GPU path is not built yet")


def test_cpu_as_asked_for():
    assert device.select_device("cpu", MPI.COMM_SELF).reason == "asked for"


def test_gpu_asked_for_without_one():
    with pytest.raises(InputError, match=r"--device gpu: cupy is not installed\. Use --device cpu"):
        device.select_device("gpu", MPI.COMM_SELF)
