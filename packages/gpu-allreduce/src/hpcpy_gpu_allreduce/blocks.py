# ruff: noqa: ANN401 - an array is of any library, or whatever else the caller gave
"""One array of a call: refused before anything is sent, or known to be one block of numbers."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from hpcpy_core.array_rules import refuse_masked
from hpcpy_core.device_memory import device_memory
from hpcpy_core.errors import InputError
from hpcpy_core.host_memory import host_memory
from hpcpy_core.whole_messages import Memory
from hpcpy_gpu_allreduce.reduction import check_dtype

__all__ = ["Block", "find_block", "is_on_device"]


@dataclass(frozen=True, kw_only=True)
class Block:
    """The memory of an array, C-ordered: where it is, and of what."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    address: int
    nbytes: int
    on_device: bool

    def __str__(self) -> str:
        """Return what must be the same for all arrays of a call."""
        return f"{self.dtype} of shape {self.shape} in {self.place} memory"

    @property
    def place(self) -> str:
        """Whose memory it is: ``host`` or ``device``."""
        return "device" if self.on_device else "host"

    def overlaps(self, other: "Block") -> bool:
        """Return whether the two share memory, and are not the same."""
        return 0 < abs(self.address - other.address) < self.nbytes


def find_block(array: Any, name: str) -> Block:
    """Return the memory of an array, or refuse what cannot be reduced. Local.

    Parameters
    ----------
    array
        Of NumPy, or anything with ``__cuda_array_interface__``.
    name
        Of the argument: ``sendbuf`` or ``recvbuf``, which must be writable.

    Raises
    ------
    InputError
        Says what to pass in its place.
    """
    if is_on_device(array):
        memory: Memory = device_memory(array, filled=name == "recvbuf")
        check_dtype(memory.dtype)
    else:
        if not isinstance(array, np.ndarray):
            raise InputError(
                f"{name} is a {type(array).__name__}, not an array of NumPy or CuPy: pass "
                f"numpy.asarray({name})"
            )
        refuse_masked(array, name)
        check_dtype(array.dtype)
        memory = host_memory(array, name=name, filled=name == "recvbuf")
    return Block(
        shape=memory.shape,
        dtype=memory.dtype,
        address=memory.address,
        nbytes=memory.nbytes,
        on_device=is_on_device(array),
    )


def is_on_device(array: Any) -> bool:
    """Return whether an array says of itself that it is in device memory. Local."""
    return hasattr(array, "__cuda_array_interface__")
