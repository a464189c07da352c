# ruff: noqa: ANN401 - an array is one of NumPy or of a device, and its library need not be there
"""An array and the memory through which MPI reads and fills it.

Between the two a device array needs care: MPI never waits for the kernels that
still write it, and most MPI libraries cannot read it at all.
"""

from typing import Any, Protocol

from hpcpy_core import cuda_driver
from hpcpy_core.device_memory import device_memory
from hpcpy_core.host_memory import host_memory
from hpcpy_core.pinned_memory import pinned_pool

__all__ = ["DirectBuffer", "HostBuffer", "MessageBuffer", "StagingBuffer"]


class MessageBuffer(Protocol):
    """One array's way to MPI and back. All of its methods are local."""

    message: Any
    """What MPI is given; the same memory for every message."""

    def __init__(self, array: Any) -> None: ...

    def synchronize(self) -> None:
        """Wait until the device has done with the array, so that MPI may fill it."""

    def to_mpi(self) -> None:
        """Make the message what the array is now: before MPI reads it."""

    def from_mpi(self) -> None:
        """Make the array what the message is now: after MPI filled it."""


class HostBuffer:
    """An array in host memory is its own message."""

    def __init__(self, array: Any) -> None:
        self.message = host_memory(array).array

    def synchronize(self) -> None:
        """See that the array may be filled."""
        host_memory(self.message, filled=True)

    def to_mpi(self) -> None:
        """Do nothing."""

    def from_mpi(self) -> None:
        """Do nothing."""


class DirectBuffer:
    """A device array is its own message, for a CUDA-aware MPI."""

    def __init__(self, array: Any) -> None:
        device_memory(array)
        self.message = array

    def synchronize(self) -> None:
        """Wait for the kernels that use the array, and see that it may be filled."""
        device_memory(self.message, filled=True).synchronize()

    def to_mpi(self) -> None:
        """Wait for the kernels that write the array."""
        device_memory(self.message).synchronize()

    def from_mpi(self) -> None:
        """Do nothing: MPI filled the array itself, and is done when its call returns."""


class StagingBuffer:
    """A device array has a copy in page-locked host memory, which is the message."""

    def __init__(self, array: Any) -> None:
        memory = device_memory(array)
        self._driver = cuda_driver.load_driver()
        pool = pinned_pool(self._driver)
        self.array = array
        self.message = pool.lend(memory.shape, memory.dtype, memory.device)
        self._address = self.message.ctypes.data

    def synchronize(self) -> None:
        """See that the array may be filled; MPI fills host memory that no kernel knows."""
        device_memory(self.array, filled=True)

    def to_mpi(self) -> None:
        """Copy from the device, behind the kernels in the array's stream, and wait for it."""
        memory = device_memory(self.array)
        if memory.nbytes:
            stream = memory.stream or 0
            with self._driver.on(memory.device):
                self._driver.copy_to_host(self._address, memory.address, memory.nbytes, stream)
                self._driver.synchronize(stream)

    def from_mpi(self) -> None:
        """Copy to the device in the array's stream, and wait: the memory may be reused next."""
        memory = device_memory(self.array, filled=True)
        if memory.nbytes:
            stream = memory.stream or 0
            with self._driver.on(memory.device):
                self._driver.copy_to_device(memory.address, self._address, memory.nbytes, stream)
                self._driver.synchronize(stream)
