"""Arrays for the GPU tests: CuPy's on a GPU, the stand-ins' where a GPU is rehearsed.

A rehearsal tells whether the tests and what they test work, and nothing about a GPU.
"""

import ctypes
import runpy
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest

from hpcpy_core.device import Device
from hpcpy_core.take_gpus import take_gpus
from hpcpy_core.topology import count_nodes
from hpcpy_core.transport import Transport
from hpcpy_gpu_allreduce import on_device_reduce
from hpcpy_gpu_allreduce.case import Case
from hpcpy_gpu_allreduce.reduction import REDUCTIONS
from hpcpy_testing.emulated_driver import Stream, check_synchronised

STAND_INS = runpy.run_path(str(Path(__file__).parents[1] / "stand_ins.py"))
SPIN = """
extern "C" __global__ void spin(long long cycles) {
    for (long long start = clock64(); clock64() - start < cycles;) {}
}
"""
LATE = 100_000_000
"""Cycles of a GPU: some 50 ms, which is longer than any of these reductions takes."""


class Rehearsed:
    """The emulated driver's arrays: each has its stream, and all work is as late as it may be."""

    def __init__(self, monkeypatch):
        self.gpu = STAND_INS["Gpu"]()
        STAND_INS["put_in_place"](self.gpu, monkeypatch)
        self.launch_reduce = self.gpu.launch_reduce

    def from_host(self, array, stream=None):
        made = self.gpu.array(array)
        made.stream = stream or made.stream
        return made

    def to_host(self, array):
        return array.get()

    def new_stream(self):
        return Stream(non_blocking=True)

    def on(self, stream):
        return nullcontext()

    def fill(self, array, values):
        array.set(values)

    def fill_late(self, array, values, stream):
        array.stream = stream or array.stream
        array.launch(lambda items: items.__setitem__(..., values))


class Cupy:
    """CuPy's: what is done to an array is done in the stream that is current then."""

    def __init__(self):
        import cupy

        self.cupy = cupy
        self.spin = cupy.RawKernel(SPIN, "spin")
        self.launch_reduce = on_device_reduce.launch_reduce

    def from_host(self, array, stream=None):
        with self.on(stream):
            return self.cupy.asarray(array)

    def to_host(self, array):
        self.cupy.cuda.Device().synchronize()
        return array.get()

    def new_stream(self):
        return self.cupy.cuda.Stream(non_blocking=True)

    def on(self, stream):
        return stream or nullcontext()

    def fill(self, array, values):
        array.set(values)

    def fill_late(self, array, values, stream):
        source = self.cupy.asarray(values)
        self.cupy.cuda.Device().synchronize()
        with self.on(stream):
            self.spin((1,), (1,), (self.cupy.int64(LATE),))
            array[...] = source


@pytest.fixture(scope="session")
def rehearsed():
    """Tell whether the driver of this process is the emulated one."""
    try:
        return hasattr(ctypes.CDLL("libcuda.so.1"), "hpcpyEmulatedPending")
    except OSError:
        pytest.fail(
            "no GPU here: rehearse these tests by `hpcpy-testing --emulated-driver`", pytrace=False
        )


@pytest.fixture
def gpu(rehearsed, monkeypatch):
    """Give the arrays of the device, and the kernel."""
    with check_synchronised() if rehearsed else nullcontext():
        yield Rehearsed(monkeypatch) if rehearsed else Cupy()


@pytest.fixture
def make_case(comm, rehearsed):
    """Make a case for the test's communicator, on this rank's GPU."""
    ordinal = 0 if rehearsed else take_gpus(comm)[comm.rank].ordinal

    def make(shape, dtype="f8", operation="sum"):
        return Case(
            comm=comm,
            nodes=count_nodes(comm),
            shape=shape if isinstance(shape, tuple) else (shape,),
            dtype=np.dtype(dtype),
            reduction=REDUCTIONS[operation],
            device=Device(
                kind="gpu",
                reason="tested",
                transport=Transport(name="staged", reason="tested"),
                ordinal=ordinal,
            ),
        )

    return make
