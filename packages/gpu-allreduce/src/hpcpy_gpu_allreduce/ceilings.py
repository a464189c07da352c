"""Copies of the same size, beside which every figure stands: nothing can be faster than they."""

from collections.abc import Callable

import numpy as np

from hpcpy_core.device import Device
from hpcpy_gpu_allreduce.staged import STAGED

__all__ = ["COPY", "prepare_ceilings"]

COPY = "copy"


def prepare_ceilings(nbytes: int, device: Device) -> dict[str, Callable[[], object]]:
    """Return the copies of a device by name. Local.

    ``copy`` is one within the memory of the device, which all ranks make at the same time. A GPU
    has ``to host`` and ``to device``, too: to and from page-locked memory.
    """
    xp = device.xp
    source, target = (xp.ones(nbytes, np.uint8) for _ in range(2))

    def copy() -> None:
        target[...] = source

    if device.kind == "cpu":
        return {COPY: copy}
    pinned = STAGED.attach(source)
    return {COPY: copy, "to host": pinned.to_mpi, "to device": pinned.from_mpi}
