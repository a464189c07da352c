"""A machine with GPUs, as the driver, CuPy and the proof would tell of it."""

import os
import sys
from contextlib import nullcontext
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from hpcpy_core import cuda_driver
from hpcpy_core.awareness import OPERATIONS, Verdict
from hpcpy_core.cuda_driver import CudaError, NoDriverError
from hpcpy_testing.emulated_driver import driver_environment


class FakeDriver:
    """Its devices are their UUIDs; `used` is what the program made current."""

    def __init__(self, uuids, version):
        self.uuids, self.used, self.number, self.name = uuids, [], version, "NVIDIA H100"

    def version(self):
        return self.number

    def count_devices(self):
        return len(self.uuids)

    def device_uuid(self, device):
        return self.uuids[device]

    def device_name(self, device):
        return self.name

    def use(self, device):
        self.used.append(device)

    def on(self, device):
        return nullcontext()

    def free_memory(self):
        return 2**30, 80 * 2**30


def make_cupy(driver):
    """Return a CuPy that computes; its tests spoil it."""
    cupy = ModuleType("cupy")
    cupy.__spec__ = SimpleNamespace(name="cupy")
    cupy.arange = np.arange
    cupy.used = []
    cupy.cuda = SimpleNamespace(
        Device=lambda device: SimpleNamespace(use=lambda: cupy.used.append(device)),
        runtime=SimpleNamespace(runtimeGetVersion=lambda: driver.number),
    )
    return cupy


@pytest.fixture
def machine(monkeypatch):
    """Return a function that gives this process GPUs, or takes the driver away."""

    def install(*uuids, version=13000, error=None, proven=()):
        driver = FakeDriver(uuids, version)
        cupy, proof = make_cupy(driver), ModuleType("hpcpy_core.awareness.decide")
        failures = {name: "Segmentation fault" for name in OPERATIONS if name not in proven}
        verdict = Verdict(
            failures=failures, library="MPICH 5.0.2", driver="13.0", nodes=1, seconds=1.0,
            lasting=True,
        )  # fmt: skip

        def load():
            if error is not None:
                raise error
            return driver

        def decide(comm):
            comm.Barrier()  # a proof is collective
            asked.append(comm.size)
            return verdict

        asked = []
        proof.decide = decide
        monkeypatch.setattr(cuda_driver, "load_driver", load)
        monkeypatch.setitem(sys.modules, "cupy", cupy)
        monkeypatch.setitem(sys.modules, proof.__name__, proof)
        return SimpleNamespace(driver=driver, cupy=cupy, asked=asked, verdict=verdict)

    install.no_driver = NoDriverError("no NVIDIA driver: libcuda.so.1 cannot be loaded")
    install.failing = lambda name: CudaError("cuInit", name, "text")
    return install


@pytest.fixture(scope="session")
def emulated_driver():
    """The environment of a process that finds the emulated driver, and one GPU."""
    return {
        name: value
        for name, value in {**os.environ, **driver_environment()}.items()
        if not name.startswith(("HPCPY_EMULATED", "CUDA_"))
    }
