"""A lane: one stream of copies between device memory and two page-locked chunks.

While MPI has one chunk, the device copies to or from the other. A message in one
direction takes one lane, and gives it back: nothing is allocated for a message.
"""

import functools
import math
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt

from hpcpy_core import cuda_driver
from hpcpy_core.cuda_driver import Driver
from hpcpy_core.device_memory import DeviceMemory
from hpcpy_core.pinned_memory import pinned_pool

__all__ = ["CHUNK", "Chunk", "Lane", "in_chunks", "take_lane"]

ROOM = 4096
"""Bytes of a chunk's memory that are left for what a message has to say besides."""

CHUNK = 2 * 2**20 - ROOM
"""Bytes that are copied and sent at once.

By arithmetic: to start a copy and a message takes Python some 10 us, and 2 MiB take
80 us at the 25 GB/s of PCIe 4, so smaller chunks pay for their starts. Larger ones leave
more of a message without overlap: its first copy and its last have nothing beside them.
"""

Chunk = tuple[int, int]
"""Where a chunk begins in the message, and its length, in bytes."""


def in_chunks(nbytes: int) -> list[Chunk]:
    """Return the chunks of a message; one without items has one without bytes. Local."""
    count = max(1, math.ceil(nbytes / CHUNK))
    return [(start, min(CHUNK, nbytes - start)) for start in range(0, count * CHUNK, CHUNK)]


class Lane:
    """Two chunks of page-locked memory, and a stream. All of its methods are local.

    Chunk k of a message goes through ``hosts[k % 2]``. What has to be true before
    its memory is used again, the caller sees to.

    Parameters
    ----------
    driver, device
        Which copies.
    """

    def __init__(self, driver: Driver, device: int) -> None:
        self._driver = driver
        pool = pinned_pool(driver)
        self.hosts = [pool.lend((CHUNK + ROOM,), np.uint8, device) for _ in range(2)]
        self._addresses = [host.ctypes.data for host in self.hosts]
        with driver.on(device):
            self._stream = driver.make_stream()
            self._events = [driver.make_event() for _ in range(2)]
            self._behind = driver.make_event()

    def begin(self, memory: DeviceMemory) -> None:
        """Let the copies of a message wait for the work in its array's stream."""
        self._memory = memory
        if memory.stream is not None and memory.nbytes:
            self._driver.record(self._behind, memory.stream)
            self._driver.wait_in_stream(self._stream, self._behind)

    def copy_out(self, k: int, chunk: Chunk) -> None:
        """Start to copy chunk k from the device."""
        start, size = chunk
        if size:
            address = self._memory.address + start
            self._driver.copy_to_host(self._addresses[k % 2], address, size, self._stream)
            self._driver.record(self._events[k % 2], self._stream)

    def copy_in(self, k: int, chunk: Chunk) -> None:
        """Start to copy chunk k to the device."""
        start, size = chunk
        if size:
            address = self._memory.address + start
            self._driver.copy_to_device(address, self._addresses[k % 2], size, self._stream)
            self._driver.record(self._events[k % 2], self._stream)

    def is_copied(self, k: int) -> bool:
        """Ask whether the last copy that was started through the memory of chunk k is done."""
        return self._driver.has_happened(self._events[k % 2])

    def wait(self, k: int) -> None:
        """Wait until it is."""
        self._driver.wait(self._events[k % 2])

    def message(self, k: int, size: int) -> npt.NDArray[np.uint8]:
        """Return the memory of chunk k, or as much of it as MPI shall see."""
        return self.hosts[k % 2][:size]


@contextmanager
def take_lane(memory: DeviceMemory) -> Iterator[Lane]:
    """Have a lane for a message, whose device's context is current in the block. Local.

    Parameters
    ----------
    memory
        What is copied. Its copies wait for the work in its stream.
    """
    driver = cuda_driver.load_driver()
    idle = _idle_lanes(driver, memory.device)
    with driver.on(memory.device):
        try:
            lane = idle.pop()
        except IndexError:
            lane = Lane(driver, memory.device)
        try:
            lane.begin(memory)
            yield lane
        except BaseException:
            _broken.append(lane)
            raise
        idle.append(lane)


_broken: list[Lane] = []
"""Whose messages have failed: MPI or the device may use their memory at any later time."""


@functools.cache
def _idle_lanes(driver: Driver, device: int) -> list[Lane]:
    """Return those that wait for a message."""
    return []
