"""Memory of a device for the trials: mpi4py takes it, and the host cannot read it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from hpcpy_core.cuda_driver import Driver

__all__ = ["Block", "DeviceBlock", "MakeBlock", "device_blocks"]

Items = npt.NDArray[Any]


class Block(Protocol):
    """What a trial hands to MPI."""

    def set(self, items: Items) -> None:
        """Overwrite it with items of the host."""

    def get(self) -> Items:
        """Return a copy on the host."""


class MakeBlock(Protocol):
    """Makes blocks, and owns them."""

    def __call__(self, items: Items) -> Block:
        """Return a block that holds these items."""


class DeviceBlock:
    """Some memory of the current device. All of its methods are local.

    Parameters
    ----------
    driver
        Whose memory it is; a context is current.
    items
        What it holds at first; C-ordered.
    """

    def __init__(self, driver: Driver, items: Items) -> None:
        self._driver = driver
        self._shape, self._dtype, self._nbytes = items.shape, items.dtype, items.nbytes
        self._address = driver.allocate(items.nbytes)
        self.set(items)

    def set(self, items: Items) -> None:
        """Overwrite it with items of the host, and wait until they are there."""
        self._driver.copy_to_device(self._address, items.ctypes.data, self._nbytes)
        self._driver.synchronize()

    def get(self) -> Items:
        """Return a copy on the host."""
        items = np.empty(self._shape, self._dtype)
        self._driver.copy_to_host(items.ctypes.data, self._address, self._nbytes)
        self._driver.synchronize()
        return items

    def free(self) -> None:
        """Give the memory back."""
        self._driver.free(self._address)

    @property
    def __cuda_array_interface__(self) -> dict[str, Any]:
        """What mpi4py reads: version 3; no stream has work on it that is not done."""
        return {
            "shape": self._shape,
            "typestr": self._dtype.str,
            "data": (self._address, False),
            "strides": None,
            "version": 3,
            "stream": None,
        }


@contextmanager
def device_blocks(driver: Driver) -> Iterator[MakeBlock]:
    """Yield a maker of blocks, and free them in the end. Local."""
    made: list[DeviceBlock] = []

    def make(items: Items) -> DeviceBlock:
        made.append(DeviceBlock(driver, items))
        return made[-1]

    try:
        yield make
    finally:
        for block in made:
            block.free()
