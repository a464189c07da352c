"""A CUDA driver without a GPU: for tests of what MPI does with device memory.

`build_driver` compiles two small libraries, ``libcuda.so.1`` and
``libnvidia-ml.so.1``, that stand in for the driver's. Their device memory is
memory that the host can neither read nor write, so an MPI that takes a device
pointer for a host pointer crashes, as it would on a GPU. Copies, streams, events
and handles between processes work; work in a stream is as late as it may be, so
a program that does not wait for it gets wrong data. There are no kernels: nothing
here tells how fast anything is, or whether it runs on a GPU.

`DeviceArray` is an array over that driver, for mpi4py. Nothing here starts MPI.

Environment variables say what the driver finds when a process initialises it:
``HPCPY_EMULATED_GPUS`` is the number of devices, 1 without it, 0 for a machine
without a GPU, ``broken`` for a driver that cannot be initialised;
``HPCPY_EMULATED_GPU_MEMORY`` the bytes that each process may allocate on each of
them, 4 GiB without it; ``HPCPY_EMULATED_CUDA`` the newest CUDA that it runs, 13000
for 13.0 without it; and ``CUDA_VISIBLE_DEVICES``, as on a GPU, which of the devices
the process sees. A driver that is not installed is a process without
`driver_environment`.
"""

from hpcpy_testing.emulated_driver.build import build_driver
from hpcpy_testing.emulated_driver.device_array import DeviceArray
from hpcpy_testing.emulated_driver.driver import (
    driver_environment,
    load_driver,
    require_driver_environment,
)
from hpcpy_testing.emulated_driver.stream import Stream
from hpcpy_testing.emulated_driver.synchronisation import check_synchronised

__all__ = [
    "DeviceArray",
    "Stream",
    "build_driver",
    "check_synchronised",
    "driver_environment",
    "load_driver",
    "require_driver_environment",
]
