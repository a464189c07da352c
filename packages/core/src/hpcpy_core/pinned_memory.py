"""Page-locked host memory, which a device copies from and to while the host does other things.

To allocate it takes longer than most messages, so what was given back is used again.
"""

import functools
import math
import weakref
from contextlib import suppress
from typing import Any

import numpy as np
import numpy.typing as npt

from hpcpy_core.cuda_driver import CudaError, Driver
from hpcpy_core.errors import HpcpyError

__all__ = ["PinnedPool", "pinned_pool"]

PAGE = 4096
MIB = 2**20
OUT_OF_MEMORY = "CUDA_ERROR_OUT_OF_MEMORY"


class PinnedPool:
    """Blocks of page-locked memory, kept for the next message. All of its methods are local.

    They are kept until the process ends: MPI may know them until it is finalised.

    There is no lock: a block is given back whenever Python finds that nothing
    refers to it, and that may be in the middle of a call here. What is done to
    the lists is atomic.
    """

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._idle: dict[int, list[int]] = {}
        self._lent: dict[int, int] = {}

    def lend(self, shape: tuple[int, ...], dtype: npt.DTypeLike, device: int) -> npt.NDArray[Any]:
        """Return an array in page-locked memory, which goes back when it is garbage.

        What it holds is left from before. It is garbage when no view of it and no
        MPI request is left.

        Parameters
        ----------
        shape, dtype
            Of the array. Without items, it has no page-locked memory.
        device
            Any whose context may be used; the memory serves all of them.

        Raises
        ------
        HpcpyError
            If there is no more.
        """
        dtype = np.dtype(dtype)
        nbytes = math.prod(shape) * dtype.itemsize
        if not nbytes:
            return np.empty(shape, dtype)
        size = size_class(nbytes)
        try:
            address = self._idle.setdefault(size, []).pop()
        except IndexError:
            address = self._allocate(size, device)
        self._lent[address] = size
        block = _Block(address, size)
        weakref.finalize(block, self._give_back, address, size)
        return np.asarray(block)[:nbytes].view(dtype).reshape(shape)

    def _give_back(self, address: int, size: int) -> None:
        del self._lent[address]
        self._idle[size].append(address)

    def _allocate(self, size: int, device: int) -> int:
        with self._driver.on(device):
            try:
                return self._driver.allocate_host(size)
            except CudaError as error:
                if error.name != OUT_OF_MEMORY:
                    raise
            self._free_idle()
            try:
                return self._driver.allocate_host(size)
            except CudaError as error:
                lent = sum(list(self._lent.values()))
                raise HpcpyError(
                    f"no page-locked host memory for a message of {size / MIB:.3g} MiB, beside "
                    f"{lent / MIB:.3g} MiB that other messages of this rank have ({error.name}): "
                    "send less at once, put fewer ranks on a node, or ask the batch system, the "
                    "container or `ulimit -l` for more memory"
                ) from error

    def _free_idle(self) -> None:
        """Give all that is idle back to the system."""
        for addresses in list(self._idle.values()):
            with suppress(IndexError):
                while True:
                    self._driver.free_host(addresses.pop())


@functools.cache
def pinned_pool(driver: Driver) -> PinnedPool:
    """Return the pool of a process, or of a test's driver. Local."""
    return PinnedPool(driver)


def size_class(nbytes: int) -> int:
    """Return the size of the block for so many bytes: at most a quarter more, in whole pages."""
    step = max(PAGE, 1 << max(0, (nbytes - 1).bit_length() - 3))
    return -(-nbytes // step) * step


class _Block:
    """What the arrays in one block of memory refer to, so that it lives as long as they."""

    def __init__(self, address: int, size: int) -> None:
        self.__array_interface__ = {
            "shape": (size,),
            "typestr": "|u1",
            "data": (address, False),
            "version": 3,
        }
