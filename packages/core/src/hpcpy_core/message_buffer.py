# ruff: noqa: ANN401 - an array is one of NumPy or of CuPy, which need not be there
"""An array and the memory through which MPI reads and fills it.

Between the two a device array needs care: MPI never waits for the kernels that
still write it, and most MPI libraries cannot read it at all.
"""

from typing import Any, Protocol

import numpy as np

from hpcpy_core.errors import InputError

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
        self.message = array

    def synchronize(self) -> None:
        """Do nothing: NumPy is never late."""

    def to_mpi(self) -> None:
        """Do nothing."""

    def from_mpi(self) -> None:
        """Do nothing."""


class DirectBuffer:
    """A device array is its own message, for a CUDA-aware MPI."""

    def __init__(self, array: Any) -> None:
        _check_device_array(array)
        self.message = array

    def synchronize(self) -> None:
        """Wait for the kernels on the current stream: MPI would not."""
        import cupy

        cupy.cuda.get_current_stream().synchronize()

    def to_mpi(self) -> None:
        """Wait for the kernels that write the array."""
        self.synchronize()

    def from_mpi(self) -> None:
        """Do nothing: MPI filled the array itself, and is done when its call returns."""


class StagingBuffer:
    """A device array has a copy in pinned host memory, which is the message.

    CuPy's pool of pinned memory keeps what is freed, so that few messages cost
    an allocation.
    """

    def __init__(self, array: Any) -> None:
        import cupyx

        _check_device_array(array)
        self.array = array
        make = cupyx.empty_pinned if array.size else np.empty
        self.message = make(array.shape, array.dtype)

    def synchronize(self) -> None:
        """Do nothing: MPI fills host memory that no kernel knows."""

    def to_mpi(self) -> None:
        """Copy from the device, behind the kernels on the current stream, and wait for it."""
        self.array.get(out=self.message)

    def from_mpi(self) -> None:
        """Copy to the device on the current stream, and wait: the memory may be reused next."""
        import cupy

        self.array.set(self.message)
        cupy.cuda.get_current_stream().synchronize()


def _check_device_array(array: Any) -> None:
    """Refuse what has no single block of device memory."""
    kind = f"{type(array).__module__.partition('.')[0]}.{type(array).__name__}"
    if not hasattr(array, "__cuda_array_interface__"):
        raise InputError(f"a {kind} is not in device memory: pass cupy.asarray(array)")
    if not array.flags.c_contiguous:
        raise InputError(
            f"this {kind} of shape {array.shape} is a view with gaps, and MPI takes one block of "
            "memory: pass cupy.ascontiguousarray(array), or describe the gaps by an MPI datatype"
        )
