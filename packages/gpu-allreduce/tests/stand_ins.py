"""A GPU's libraries without a GPU: CuPy's arrays and the kernel, on the emulated driver.

What stands in for the kernel reads and writes device memory when its turn in the stream comes,
as late as that may be. It is NumPy, so it tells nothing about the kernel itself.

Tests load this file by `runpy`, since it is no part of a package.
"""

import ctypes
import sys
from functools import partial
from types import ModuleType, SimpleNamespace

import numpy as np

from hpcpy_gpu_allreduce.reduction import REDUCTIONS
from hpcpy_testing.emulated_driver import DeviceArray, Stream, load_driver

FUNCTION = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


class View(DeviceArray):
    """An array in memory that was there before."""

    def __init__(self, shape, dtype, memptr, stream):
        self.memptr = memptr
        super().__init__(shape, dtype, stream=stream)

    def _allocate(self):
        memory, offset = self.memptr
        return memory.address + offset

    def fill(self, value):
        self.set(np.full(self.shape, value, self.dtype))


class Gpu:
    """This rank's GPU: the streams and arrays of a test, and what the kernel does.

    Attributes
    ----------
    launches
        The arguments of all kernels that were launched here.
    """

    def __init__(self, device=0):
        self.driver, self.device = load_driver(), device
        self.stream = Stream(device=device, non_blocking=True)
        self.launches = []
        self._kept = []

    def array(self, host):
        return DeviceArray.from_host(host, stream=self.stream, device=self.device)

    def launch_reduce(self, inputs, outputs, count, dtype, operation, stream):
        """Reduce with NumPy, late."""
        self.launches.append(SimpleNamespace(inputs=inputs, outputs=outputs, count=count))
        read = [self._host(address, count, dtype) for address in inputs]
        written = [self._host(address, count, dtype) for address in outputs]
        ufunc = getattr(np, REDUCTIONS[operation].ufunc)

        def work(place):
            total = read[0].copy()
            for each in read[1:]:
                ufunc(total, each, out=total)
            for each in written:
                each[:] = total

        *others, last = outputs
        for address in others:  # the driver shall know that they are being written
            self._enqueue(address, count * dtype.itemsize, lambda place: None, stream)
        self._enqueue(last, count * dtype.itemsize, work, stream)

    def _host(self, address, count, dtype):
        """Return the items that are at an address of the device."""
        places, aside = [], Stream(device=self.device, non_blocking=True)
        self._enqueue(address, count * dtype.itemsize, places.append, aside.handle)
        aside.synchronize()
        memory = (ctypes.c_uint8 * (count * dtype.itemsize)).from_address(places[0])
        return np.frombuffer(memory, dtype)

    def _enqueue(self, address, nbytes, call, stream):
        function = FUNCTION(call)
        self._kept.append(function)
        where = (ctypes.c_uint64(address), ctypes.c_size_t(nbytes))
        self.driver.call("hpcpyEmulatedLaunch", *where, function, ctypes.c_void_p(stream))


def put_in_place(gpu, monkeypatch):
    """Let `hpcpy_gpu_allreduce` find a CuPy and a kernel for this GPU."""
    cupy, cuda = ModuleType("cupy"), ModuleType("cupy.cuda")
    cupy.ndarray = partial(View, stream=gpu.stream)
    cupy.zeros = lambda shape, dtype: gpu.array(np.zeros(shape, dtype))
    cupy.cuda = cuda
    cuda.UnownedMemory = lambda address, nbytes, owner: owner
    cuda.MemoryPointer = lambda memory, offset: (memory, offset)
    for module in (cupy, cuda):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr("hpcpy_gpu_allreduce.ipc.launch_reduce", gpu.launch_reduce)
