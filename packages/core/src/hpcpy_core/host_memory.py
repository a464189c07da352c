# ruff: noqa: ANN401 - an array is one of NumPy, or whatever else the caller gave
"""The memory of a host array: where it is, and whether it can be a message.

MPI sees bytes. It would send an array in Fortran order as it lies in memory, and what
arrives in one in C order has all items in other places; so that is refused, as it is for
device arrays. Each of the refusals names the call that makes a message of the array.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from hpcpy_core.array_rules import has_datatype, refuse_masked
from hpcpy_core.errors import InputError

__all__ = ["HostMemory", "host_memory"]


@dataclass(frozen=True, kw_only=True)
class HostMemory:
    """One block of host memory, and the items in it.

    Attributes
    ----------
    address, nbytes
        Of the block; without items the address means nothing.
    shape, dtype
        Of the items, C-ordered.
    array
        Has the memory.
    """

    address: int
    nbytes: int
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    array: npt.NDArray[Any] = field(repr=False, compare=False)

    def synchronize(self) -> None:
        """Do nothing: NumPy is never late."""


def host_memory(array: Any, *, name: str = "array", filled: bool = False) -> HostMemory:
    """Return the memory of a host array. Local.

    Parameters
    ----------
    array
        Of NumPy, or a bytes, bytearray, memoryview or another object with Python's buffer
        interface.
    name
        What the caller calls it, for the messages.
    filled
        Whether the message is received.

    Raises
    ------
    InputError
        If the array cannot be a message: it is masked, in device memory, not C-ordered, not
        aligned, read-only, no array at all, or of a type that MPI has not.
    """
    refuse_masked(array, name)
    kind = f"{type(array).__module__.partition('.')[0]}.{type(array).__name__}"
    if hasattr(array, "__cuda_array_interface__"):
        raise InputError(
            f"{name}, a {kind}, is in device memory, and this takes host memory: pass "
            f"{name}.get(), or go through the transport of "
            "hpcpy_core.selection.select('gpu', 'auto', comm, gpu=True)"
        )
    items = array if isinstance(array, np.ndarray) else _view(array, kind, name)
    _check_type(items.dtype, kind, name)
    if not items.flags.c_contiguous:
        raise InputError(
            f"{name}, of shape {items.shape}, is a view with gaps or in another order, and MPI "
            f"takes one block of memory: pass numpy.ascontiguousarray({name})"
        )
    if not items.flags.aligned:
        raise InputError(
            f"{name} begins between two addresses of {items.dtype}: pass {name}.copy(), which "
            "is aligned"
        )
    if filled and not items.flags.writeable:
        raise InputError(f"{name} is read-only, and cannot be received into: pass a copy")
    return HostMemory(
        address=items.ctypes.data,
        nbytes=items.nbytes,
        shape=items.shape,
        dtype=items.dtype,
        array=items,
    )


def _view(array: Any, kind: str, name: str) -> npt.NDArray[Any]:
    """Return the memory of what is no array of NumPy as one."""
    try:
        return np.asarray(memoryview(array))
    except TypeError:
        raise InputError(f"{name} is a {kind}, not an array: pass numpy.asarray({name})") from None


def _check_type(dtype: np.dtype[Any], kind: str, name: str) -> None:
    """Refuse items that MPI has no datatype for."""
    if has_datatype(dtype.str):
        return
    if dtype.hasobject:
        raise InputError(
            f"the items of {name} are Python's objects, whose addresses mean nothing on another "
            f"rank: pass {name}.astype(float), or call comm.bcast, comm.send and the like"
        )
    if not dtype.isnative:
        raise InputError(
            f"{name} is of {dtype.str}, the byte order of another machine: pass "
            f"{name}.astype({name}.dtype.newbyteorder('='))"
        )
    raise InputError(
        f"MPI has no datatype for the {dtype.name} of this {kind}: pass "
        f"{name}.view(numpy.uint8), which moves its bytes"
    )
