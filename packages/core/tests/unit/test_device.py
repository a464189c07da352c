import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core import device
from hpcpy_core.device import CPU, Device, find_gpu, select_device
from hpcpy_core.errors import InputError
from hpcpy_core.transport import Transport
from hpcpy_testing.emulated_cupy import install_emulated_cupy


@pytest.fixture
def install(monkeypatch):
    def install_devices(devices):
        monkeypatch.setattr(device, "find_spec", lambda name: object())
        return install_emulated_cupy(monkeypatch, devices)

    return install_devices


def fail():
    raise RuntimeError("cudaErrorInsufficientDriver: driver too old\nmore")


def test_no_gpu_without_cupy():
    assert find_gpu() == "cupy is not installed"


def test_no_gpu_where_the_driver_fails(install):
    install(1).cuda.runtime.getDeviceCount = fail
    reason = "cupy cannot compute here (cudaErrorInsufficientDriver: driver too old)"
    assert find_gpu() == reason


def test_no_gpu_where_there_is_none(install):
    install(0)
    assert find_gpu() == "cupy found no device"


def test_no_gpu_where_it_computes_wrongly(install):
    install(1).arange = np.zeros
    assert find_gpu() == "cupy computes wrong sums here"


def test_a_gpu_that_computes_is_taken_with_staging(install):
    cupy = install(2)
    chosen = select_device("auto", "auto", MPI.COMM_SELF, gpu=True)
    assert (chosen.kind, chosen.reason) == ("gpu", "CuPy computes on it")
    assert chosen.transport.name == "staged"
    assert chosen.xp is cupy
    assert cupy.used == [0]


def test_a_gpu_is_left_alone_by_a_program_without_a_gpu_path(install):
    install(1)
    chosen = select_device("auto", "auto", MPI.COMM_SELF, gpu=False)
    assert (chosen.kind, chosen.transport.name) == ("cpu", "host")
    assert chosen.reason == "no GPU: this command has no GPU path yet"
    with pytest.raises(InputError, match=r"--device gpu: this command has .*Use --device cpu"):
        select_device("gpu", "auto", MPI.COMM_SELF, gpu=False)


def test_the_cpu_can_be_asked_for_beside_a_gpu(install):
    install(1)
    chosen = select_device("cpu", "auto", MPI.COMM_SELF, gpu=True)
    assert (chosen.kind, chosen.reason, chosen.transport.name) == ("cpu", "asked for", "host")


def test_arrays_are_made_where_they_live_and_brought_back(install):
    cupy = install(1)
    gpu = Device(kind="gpu", reason="", transport=Transport(name="staged", reason=""))
    array = gpu.xp.arange(3)
    assert isinstance(array, cupy.ndarray)
    assert type(gpu.to_host(array)) is np.ndarray
    assert gpu.to_host(array).tolist() == [0, 1, 2]
    assert CPU.xp is np
    assert CPU.to_host(array) is array
