"""A CuPy made of NumPy, which is as strict as CuPy where programs go wrong without a GPU.

It tells whether a program keeps device and host arrays apart, whether it copies
between them at the right moment, and whether it waits for the device before MPI
sees the memory. Its kernels are those of `hpcpy_testing.emulated_kernels`: CUDA C++
that a CPU runs thread by thread, in the stream that is current, so as late as a
stream may. It tells nothing about drivers or speed. Its driver is a `HostDriver`,
since a device array here is in host memory.

`install_emulated_cupy` lets ``import cupy`` find it. `guarded` makes an array whose
rows lie apart, with zones around it that no kernel may write to.
"""

from hpcpy_testing.emulated_cupy.device_array import DeviceArray
from hpcpy_testing.emulated_cupy.guarded import check_guards, guarded
from hpcpy_testing.emulated_cupy.module import EmulatedCupy, install_emulated_cupy

__all__ = ["DeviceArray", "EmulatedCupy", "check_guards", "guarded", "install_emulated_cupy"]
