"""Device arrays as algorithms that call a GPU's libraries see them: addresses and streams."""

from typing import Any

import numpy as np

from hpcpy_core.cuda_driver import Driver
from hpcpy_core.device import Array, Device

__all__ = ["address_of", "find_ordinal", "stream_of", "view_memory"]


def address_of(array: Any) -> int:  # noqa: ANN401 - has __cuda_array_interface__
    """Return where an array begins. Local."""
    address: int = array.__cuda_array_interface__["data"][0]
    return address


def stream_of(array: Any) -> int:  # noqa: ANN401 - has __cuda_array_interface__
    """Return the stream of the work on an array, which is CuPy's current one. Local."""
    return array.__cuda_array_interface__.get("stream") or 0


def find_ordinal(device: Device, driver: Driver) -> int:
    """Return which GPU this rank's arrays are on: the current one, if `device` says none. Local."""
    return (driver.current_device() or 0) if device.ordinal is None else device.ordinal


def view_memory(
    device: Device,
    owner: Any,  # noqa: ANN401 - anything that has address and nbytes
    offset: int,
    shape: tuple[int, ...],
    dtype: np.dtype[np.generic],
) -> Array:
    """Return an array of zeros in memory that CuPy does not own. Local.

    Parameters
    ----------
    device
        Whose library makes the array.
    owner
        The memory; it is kept as long as the array is.
    offset
        Of the array in it, in bytes.
    shape, dtype
        Of the array.
    """
    cupy = device.xp
    memory = cupy.cuda.UnownedMemory(owner.address, owner.nbytes, owner)
    made: Array = cupy.ndarray(shape, dtype, memptr=cupy.cuda.MemoryPointer(memory, offset))
    made.fill(0)
    return made
