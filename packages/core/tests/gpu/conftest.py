"""Arrays for the GPU tests: CuPy's on a GPU, the emulated driver's where a GPU is rehearsed.

A rehearsal tells whether the tests and what they test work, and nothing about a GPU.
"""

import ctypes
from contextlib import nullcontext
from types import SimpleNamespace

import numpy as np
import pytest

from hpcpy_core.awareness.decide import decide
from hpcpy_core.transport import Transport
from hpcpy_testing.emulated_driver import DeviceArray, Stream, check_synchronised

SPIN = """
extern "C" __global__ void spin(long long cycles) {
    for (long long start = clock64(); clock64() - start < cycles;) {}
}
"""
LATE = 100_000_000
"""Cycles of a GPU: some 50 ms, which is longer than any of these messages takes."""


class HostArrays:
    """NumPy's, which need no GPU: the same tests without one tell what a GPU changes."""

    def from_host(self, array, stream=None):
        return array.copy()

    def to_host(self, array):
        return array

    def allocate(self, nbytes):
        return np.empty(nbytes, np.uint8)

    def new_stream(self):
        return None

    def on(self, stream):
        """Return a context: work on arrays made in `stream` belongs into it."""
        return nullcontext()

    def fill_late(self, array, value, stream):
        """Fill an array in a stream, and return before that is done."""
        array.fill(value)


class EmulatedArrays(HostArrays):
    """The emulated driver's: an array has its stream, and all work is as late as it may be."""

    def from_host(self, array, stream=None):
        return DeviceArray.from_host(array, stream=stream)

    def to_host(self, array):
        return array.get()

    def allocate(self, nbytes):
        return DeviceArray(nbytes, np.uint8)

    def new_stream(self):
        return Stream(non_blocking=True)

    def fill_late(self, array, value, stream):
        array.launch(lambda items: items.fill(value))


class CupyArrays(HostArrays):
    """CuPy's: what is done to an array is done in the stream that is current then."""

    def __init__(self):
        import cupy

        self.cupy = cupy
        self.spin = cupy.RawKernel(SPIN, "spin")

    def from_host(self, array, stream=None):
        with self.on(stream):
            return self.cupy.asarray(array)

    def to_host(self, array):
        self.cupy.cuda.Device().synchronize()
        return array.get()

    def allocate(self, nbytes):
        return self.cupy.empty(nbytes, self.cupy.uint8)

    def new_stream(self):
        return self.cupy.cuda.Stream(non_blocking=True)

    def on(self, stream):
        return stream or nullcontext()

    def fill_late(self, array, value, stream):
        with self.on(stream):
            self.spin((1,), (1,), (self.cupy.int64(LATE),))
            array.fill(value)


@pytest.fixture(scope="session")
def rehearsed():
    """Tell whether the driver of this process is the emulated one."""
    try:
        return hasattr(ctypes.CDLL("libcuda.so.1"), "hpcpyEmulatedPending")
    except OSError:
        pytest.fail(
            "no GPU here: rehearse these tests by `hpcpy-testing --emulated-driver`", pytrace=False
        )


@pytest.fixture(scope="session")
def gpu(rehearsed):
    """Give the arrays of the device."""
    return EmulatedArrays() if rehearsed else CupyArrays()


@pytest.fixture(params=["host", "staged", "direct"])
def way(request, comm, gpu):
    """Give a transport and its arrays; direct is for what was proven here, staged for the rest."""
    name = request.param
    proven = decide(comm).proven if name == "direct" else frozenset()
    transport = Transport(name=name, reason="tested", direct_for=proven)
    return SimpleNamespace(
        transport=transport, arrays=HostArrays() if name == "host" else gpu, name=name
    )


@pytest.fixture(autouse=True)
def _waited_for(rehearsed):
    """Fail a test that hands MPI an array that is still worked on, where that can be told."""
    with check_synchronised() if rehearsed else nullcontext():
        yield
