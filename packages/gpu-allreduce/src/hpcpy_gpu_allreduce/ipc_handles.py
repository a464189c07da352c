"""Handles of device memory, by which other processes of a node can use it.

A handle stands for a whole block of memory, as the driver allocated it. An array of a pool is a
part of such a block, and is found in it by its offset.
"""

import ctypes
from dataclasses import dataclass

from hpcpy_core.cuda_driver import Driver

__all__ = ["Exported", "close_memory", "export_memory", "open_memory"]

HANDLE = 64
"""Bytes of a handle."""
ENABLE_PEER_ACCESS = 1
"""The memory may be on another device, which is made accessible when it is first needed."""


class _Handle(ctypes.Structure):
    """Passed by value, as the driver takes it."""

    _fields_ = (("data", ctypes.c_ubyte * HANDLE),)


@dataclass(frozen=True, kw_only=True)
class Exported:
    """What another process needs to use some memory; it may travel in any message.

    Attributes
    ----------
    handle
        Of the block that the memory is in.
    offset
        Of the memory in the block, in bytes.
    """

    handle: bytes
    offset: int


def export_memory(driver: Driver, address: int) -> Exported:
    """Return how other processes find memory of the current device. Local.

    Raises
    ------
    CudaError
        ``CUDA_ERROR_INVALID_VALUE`` for memory that cannot be shared this way: of another
        process, managed, or of the driver's own pools.
    """
    base, handle = ctypes.c_uint64(), _Handle()
    driver.call("cuMemGetAddressRange_v2", ctypes.byref(base), None, ctypes.c_uint64(address))
    driver.call("cuIpcGetMemHandle", ctypes.byref(handle), base)
    return Exported(handle=bytes(handle), offset=address - base.value)


def open_memory(driver: Driver, handle: bytes) -> int:
    """Return the address that a block of another process has here. Local.

    The same block may be opened several times, and is then closed as often.

    Raises
    ------
    CudaError
        If it is this process's own, its owner has ended, or this device cannot reach it.
    """
    address, opened = ctypes.c_uint64(), _Handle.from_buffer_copy(handle)
    driver.call("cuIpcOpenMemHandle_v2", ctypes.byref(address), opened, ENABLE_PEER_ACCESS)
    return address.value


def close_memory(driver: Driver, address: int) -> None:
    """Give up a block that was opened; its owner may not free it before. Local."""
    driver.call("cuIpcCloseMemHandle", ctypes.c_uint64(address))
