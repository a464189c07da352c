"""The memory of messages: where it begins changes how fast large ones are copied."""

import mmap

import numpy as np

from hpcpy_collectives.patterns import Array
from hpcpy_core.device import Device

__all__ = ["make_buffer"]


def make_buffer(data: Array, device: Device) -> Array:
    """Return a copy of `data` on a device; in host memory it begins at a page. Local.

    OSU aligns to pages, too: an array begins wherever the heap has room, and large
    messages take another time from another place.
    """
    if device.kind != "cpu":
        copied: Array = device.xp.asarray(data)
        return copied
    memory = np.empty(data.nbytes + mmap.PAGESIZE, dtype=np.uint8)
    start = -memory.ctypes.data % mmap.PAGESIZE
    buffer = memory[start : start + data.nbytes].view(data.dtype)
    buffer[...] = data
    return buffer
