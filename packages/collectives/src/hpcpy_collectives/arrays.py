"""Where the examples get their array library: one place knows which device has which."""

from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

from hpcpy_core.device import Device
from hpcpy_core.errors import InputError

__all__ = ["Array", "array_namespace"]

Array = npt.NDArray[Any]  # typed as NumPy's, whose interface the other libraries follow


def array_namespace(device: Device) -> ModuleType:
    """Return the library that makes arrays on `device`. Local.

    Raises
    ------
    InputError
        For a device whose arrays the examples cannot hand to MPI.
    """
    if device.kind == "cpu":
        return np
    raise InputError(
        f"the examples send arrays in host memory only, and the device is {device.kind} "
        f"({device.reason}): use --device cpu"
    )
