# ruff: noqa: ANN401 - an array is one of CuPy, Numba, PyTorch or any other library
"""The memory of a device array: where it is, and whether it can be a message.

An array tells it by ``__cuda_array_interface__``, whichever library made it. Each
of the refusals names the call that makes a message of the array.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from hpcpy_core import cuda_driver
from hpcpy_core.array_rules import has_datatype
from hpcpy_core.cuda_driver import Driver
from hpcpy_core.errors import InputError

__all__ = ["DeviceMemory", "device_memory"]


@dataclass(frozen=True, kw_only=True)
class DeviceMemory:
    """One block of device memory, and the items in it.

    Attributes
    ----------
    address, nbytes
        Of the block; without items the address means nothing.
    device
        Where it is, from 0.
    shape, dtype
        Of the items, C-ordered.
    stream
        The handle of the stream in which the array is worked on; None if there is
        nothing to wait for.
    """

    address: int
    nbytes: int
    device: int
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    stream: int | None

    def synchronize(self) -> None:
        """Wait for the work on the array: MPI and the host would not. Local."""
        if self.stream is not None and self.nbytes:
            driver = cuda_driver.load_driver()
            with driver.on(self.device):
                driver.synchronize(self.stream)


def device_memory(array: Any, *, filled: bool = False) -> DeviceMemory:
    """Return the memory of a device array, and its stream as it is now. Local.

    Some libraries name the stream that is current when they are asked, so ask
    again for each message.

    Parameters
    ----------
    array
        Has ``__cuda_array_interface__``.
    filled
        Whether the message is received.

    Raises
    ------
    InputError
        If the array cannot be a message: it is in host memory, on another device than
        the current one, not C-ordered, read-only, or of a type that MPI has not.
    """
    kind = f"{type(array).__module__.partition('.')[0]}.{type(array).__name__}"
    interface = getattr(array, "__cuda_array_interface__", None)
    if interface is None:
        raise InputError(f"a {kind} is not in device memory: pass cupy.asarray(array)")
    shape, dtype = tuple(interface["shape"]), np.dtype(interface["typestr"])
    _check_type(kind, interface["typestr"])
    _check_order(kind, shape, dtype, interface.get("strides"))
    address, readonly = interface["data"]
    if filled and readonly is True:  # to ask whether it is true would be to use the pointer
        raise InputError(f"this {kind} is read-only, and cannot be received into: pass a copy")
    driver = cuda_driver.load_driver()
    nbytes = dtype.itemsize
    for length in shape:
        nbytes *= length
    device = _find_device(kind, driver, address) if nbytes else driver.current_device() or 0
    if "stream" not in interface:  # before version 3, as PyTorch: it may be any
        with driver.on(device):
            driver.synchronize_device()
    return DeviceMemory(
        address=address,
        nbytes=nbytes,
        device=device,
        shape=shape,
        dtype=dtype,
        stream=interface.get("stream"),
    )


def _check_type(kind: str, typestr: str) -> None:
    """Refuse items that MPI has no datatype for."""
    if not has_datatype(typestr):
        name = np.dtype(typestr).name
        raise InputError(
            f"MPI has no datatype for the {name} of this {kind}: pass array.view(cupy.uint8), "
            "which moves its bytes"
        )


def _check_order(
    kind: str, shape: tuple[int, ...], dtype: np.dtype[Any], strides: tuple[int, ...] | None
) -> None:
    """Refuse an array whose items do not lie one after the other."""
    if strides is None or 0 in shape:
        return
    expected = dtype.itemsize
    for length, stride in zip(reversed(shape), reversed(strides), strict=True):
        if length > 1 and stride != expected:
            raise InputError(
                f"this {kind} of shape {shape} is a view with gaps or in another order, and MPI "
                "takes one block of memory: pass cupy.ascontiguousarray(array), or describe the "
                "gaps by an MPI datatype"
            )
        expected *= length


def _find_device(kind: str, driver: Driver, address: int) -> int:
    """Return where the memory is, if that is the device whose stream the array has named."""
    device, current = driver.locate(address), driver.current_device()
    if device is None:
        raise InputError(
            f"the memory of this {kind} is on the host, though it calls itself a device array: "
            "pass cupy.array(array), which is a copy on the device"
        )
    if current not in (None, device):
        raise InputError(
            f"this {kind} is on device {device}, but device {current} is current: pass it "
            f"inside of `with cupy.cuda.Device({device}):`"
        )
    return device
