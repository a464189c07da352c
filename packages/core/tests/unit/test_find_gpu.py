"""Every cause has its own words, and ends in what mends it."""

import subprocess
import sys

import numpy as np
import pytest

from hpcpy_core import find_gpu as module
from hpcpy_core.cuda_driver import CudaError
from hpcpy_core.find_gpu import find_gpu, is_out_of_memory

CUPY_FOR_CUDA_13 = 'pip install "cupy-cuda13x[ctk]"'


@pytest.fixture(autouse=True)
def outside_of_containers(monkeypatch):
    monkeypatch.setattr(module, "_enter_with_gpu", lambda: None)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


def failing(error):
    def fail(*_):
        raise error

    return fail


def test_a_gpu_that_computes_is_found_and_current(machine):
    found = machine("a", "b")
    assert find_gpu() is None
    assert find_gpu(1) is None
    assert found.driver.used == found.cupy.used == [0, 1]


def test_no_driver(machine):
    machine(error=machine.no_driver)
    assert str(find_gpu()) == "no NVIDIA driver: run it on a machine with a GPU"


def test_no_device(machine):
    machine()
    assert str(find_gpu()).startswith("the NVIDIA driver finds no GPU: `nvidia-smi -L`")
    machine(error=machine.failing("CUDA_ERROR_NO_DEVICE"))
    assert str(find_gpu()).startswith("the NVIDIA driver finds no GPU: `nvidia-smi -L`")


@pytest.mark.parametrize("visible", ["", "-1", "NoDevFiles"])
def test_devices_that_are_hidden(machine, monkeypatch, visible):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    machine(error=machine.failing("CUDA_ERROR_NO_DEVICE"))
    cause = f"CUDA_VISIBLE_DEVICES={visible!r} hides every GPU"
    assert str(find_gpu()).startswith(f"{cause}: unset it, or")


def test_devices_that_are_not_there(machine, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "7")
    machine(error=machine.failing("CUDA_ERROR_NO_DEVICE"))
    assert find_gpu().cause.endswith("'7' names no GPU of this machine")


def test_a_driver_that_cannot_be_initialised(machine):
    machine(error=machine.failing("CUDA_ERROR_SYSTEM_DRIVER_MISMATCH"))
    missing = find_gpu()
    cause = "the NVIDIA driver cannot be initialised (CUDA_ERROR_SYSTEM_DRIVER_MISMATCH)"
    assert missing.cause == cause
    assert "`nvidia-smi`" in missing.cure


@pytest.mark.parametrize(
    ("environ", "file", "command"),
    [
        ({"APPTAINER_CONTAINER": "x.sif"}, None, "apptainer exec --nv"),
        ({"SINGULARITY_CONTAINER": "x.sif"}, None, "apptainer exec --nv"),
        ({}, ".dockerenv", "docker run --gpus all"),
        ({}, "run/.containerenv", "podman run --device nvidia.com/gpu=all"),
    ],
)
def test_a_container_is_entered_with_its_gpu(tmp_path, environ, file, command):
    if file is not None:
        path = tmp_path / file
        path.parent.mkdir(exist_ok=True)
        path.touch()
    said = ENTER_WITH_GPU(environ, tmp_path)
    assert f"`{command}`" in said
    assert ENTER_WITH_GPU({}, tmp_path / "nothing") is None


ENTER_WITH_GPU = module._enter_with_gpu


@pytest.mark.parametrize("error", ["no_driver", "broken"])
def test_in_a_container_the_cure_is_to_enter_it_otherwise(machine, monkeypatch, error):
    monkeypatch.setattr(module, "_enter_with_gpu", lambda: "enter it so")
    machine(error=machine.no_driver if error == "no_driver" else machine.failing("CUDA_ERROR_X"))
    assert find_gpu().cure == "enter it so"


def test_cupy_that_computes_wrongly(machine):
    machine("a").cupy.arange = np.zeros
    assert find_gpu().cause == "cupy computes wrong sums on GPU 0"


def test_cupy_that_cannot_compile(machine):
    """The words of CuPy without a compiler."""
    machine("a").cupy.arange = failing(RuntimeError('Failure finding "libnvrtc.so.13"\nmore'))
    said = f'cupy cannot compute here (Failure finding "libnvrtc.so.13"): `{CUPY_FOR_CUDA_13}`'
    assert str(find_gpu()) == said


def test_cupy_for_a_newer_cuda_than_the_driver_s(machine):
    """The words of CuPy on a driver that is too old."""
    found = machine("a", version=12040)
    found.cupy.cuda.runtime.runtimeGetVersion = lambda: 13020
    found.cupy.cuda.Device = failing(RuntimeError("cudaErrorInsufficientDriver: CUDA driver ver"))
    missing = find_gpu()
    assert missing.cause == "cupy is made for CUDA 13.2, but the driver runs only 12.4"
    assert missing.cure.endswith('`pip install "cupy-cuda12x[ctk]"`')


def test_cupy_of_the_same_major_version_is_not_to_blame(machine):
    """A CuPy for 13.2 runs on a driver for 13.0."""
    found = machine("a", version=13000)
    found.cupy.cuda.runtime.runtimeGetVersion = lambda: 13020
    assert find_gpu() is None
    found.cupy.cuda.Device = failing(RuntimeError("cudaErrorX: what"))
    assert find_gpu().cause == "cupy cannot compute here (cudaErrorX: what)"


def test_cupy_that_cannot_be_imported(machine, monkeypatch, tmp_path):
    machine("a")
    monkeypatch.delitem(sys.modules, "cupy")
    cause = "ImportError('numpy.core.multiarray failed to import')"
    (tmp_path / "cupy.py").write_text(f"raise ImportError('====\\nFailed\\n====') from {cause}")
    monkeypatch.syspath_prepend(tmp_path)
    missing = find_gpu()
    assert missing.cause == "cupy cannot be imported (numpy.core.multiarray failed to import)"
    assert missing.cure.startswith("`pip uninstall ")


def test_a_folder_that_cannot_be_written(machine):
    machine("a").cupy.arange = failing(PermissionError(13, "Permission denied", "/root/.cupy"))
    missing = find_gpu()
    assert "'/root/.cupy'" in missing.cause
    assert missing.cure == "name a folder in CUPY_CACHE_DIR"


@pytest.mark.parametrize(
    ("error", "full"),
    [
        (MemoryError("Out of memory allocating 512 bytes"), True),
        (RuntimeError("cudaErrorMemoryAllocation: out of memory"), True),
        (CudaError("cuDevicePrimaryCtxRetain", "CUDA_ERROR_OUT_OF_MEMORY", "out of memory"), True),
        (CudaError("cuDevicePrimaryCtxRetain", "CUDA_ERROR_DEVICE_UNAVAILABLE", "busy"), False),
    ],
)
def test_a_device_that_is_full_or_taken(machine, error, full):
    machine("a").driver.use = failing(error)
    missing = find_gpu()
    expected = "the memory of GPU 0 (NVIDIA H100) is full"
    if not full:
        expected = "GPU 0 cannot be used (CUDA_ERROR_DEVICE_UNAVAILABLE)"
    assert missing.cause == expected
    assert "nvidia-smi" in missing.cure
    assert is_out_of_memory(error) is full


@pytest.mark.parametrize(
    ("environment", "cause"),
    [
        ({}, "cupy is not installed"),
        ({"HPCPY_EMULATED_GPUS": "0"}, "the NVIDIA driver finds no GPU"),
        ({"HPCPY_EMULATED_GPUS": "broken"}, "cannot be initialised (CUDA_ERROR_UNKNOWN)"),
        ({"CUDA_VISIBLE_DEVICES": ""}, "CUDA_VISIBLE_DEVICES='' hides every GPU"),
        ({"HPCPY_EMULATED_CUDA": "11080"}, "the NVIDIA driver runs only CUDA 11.8 and older"),
    ],
)
def test_the_driver_s_own_words(emulated_driver, environment, cause):
    program = (
        "import sys\n"
        "from importlib import util\n"
        "util.find_spec = lambda name: None\n"
        "from hpcpy_core.find_gpu import find_gpu\n"
        "print(find_gpu())\n"
        "assert 'mpi4py' not in sys.modules and 'cupy' not in sys.modules\n"
    )
    done = subprocess.run(
        ["timeout", "-k", "5", "60", sys.executable, "-c", program],
        env={**emulated_driver, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    assert cause in done.stdout
