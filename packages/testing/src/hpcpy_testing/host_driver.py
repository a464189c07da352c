"""A driver in Python whose device memory is the host's: for arrays that NumPy made.

Copies in a stream are done when somebody waits for them, and not before, so a program
that does not wait gets wrong data.
"""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt

from hpcpy_core.cuda_driver import Driver
from hpcpy_testing.host_queues import HostQueues

__all__ = ["HostDriver"]

UNSENT = 0xA5
VERSION = 13000
MEMORY = 2**30
"""Of each device, as far as it says."""


class HostDriver(Driver):
    """What `hpcpy_core` asks of a driver. All of its methods are local.

    Parameters
    ----------
    devices
        How many there are; all memory is the first one's.

    Attributes
    ----------
    synchronized
        How often somebody waited for a stream or an event.
    pinned
        The page-locked memory, by address; new memory is full of what nobody sent.
    used
        The devices that were made current.
    notes
        When copies were started and done, such as ``copy 0 starts``; others may add theirs.
    queues
        The work in its streams; others may add theirs, too.
    """

    def __init__(self, devices: int = 1) -> None:
        self.devices = devices
        self.synchronized = 0
        self.pinned: dict[int, npt.NDArray[np.uint8]] = {}
        self.used: list[int] = []
        self.notes: list[str] = []
        self.queues = HostQueues()
        self._copies = 0
        self._handles = 0

    def version(self) -> int:
        """Return the CUDA that the driver would run."""
        return VERSION

    def count_devices(self) -> int:
        """Return how many there are."""
        return self.devices

    def device_name(self, device: int) -> str:
        """Return what a device is called."""
        return f"emulated GPU {device}"

    def device_uuid(self, device: int) -> str:
        """Return what tells it from another."""
        return f"{device:032x}"

    def use(self, device: int) -> None:
        """Note it."""
        self.used.append(device)

    @contextmanager
    def on(self, device: int) -> Iterator[None]:
        """Do nothing: there are no contexts."""
        yield

    def current_device(self) -> int:
        """Return the only one that has memory."""
        return 0

    def locate(self, address: int) -> int:
        """Return it, whatever the address: only device arrays are asked about."""
        return 0

    def free_memory(self) -> tuple[int, int]:
        """Return that half of it is free."""
        return MEMORY // 2, MEMORY

    def allocate_host(self, nbytes: int) -> int:
        """Return the address of new memory, and keep it."""
        memory = np.full(nbytes, UNSENT, np.uint8)
        self.pinned[memory.ctypes.data] = memory
        return memory.ctypes.data

    def free_host(self, address: int) -> None:
        """Forget memory."""
        del self.pinned[address]

    def copy_to_device(self, device: int, host: int, nbytes: int, stream: int = 0) -> None:
        """Copy later."""
        self._copy(device, host, nbytes, stream)

    def copy_to_host(self, host: int, device: int, nbytes: int, stream: int = 0) -> None:
        """Copy later."""
        self._copy(host, device, nbytes, stream)

    def synchronize(self, stream: int = 0) -> None:
        """Do the work in a stream."""
        self.synchronized += 1
        self.queues.finish(stream)

    def synchronize_device(self) -> None:
        """Do all work."""
        self.synchronized += 1
        self.queues.finish_all()

    def make_stream(self) -> int:
        """Return a new handle."""
        self._handles += 1
        return 0x100 + self._handles

    make_event = make_stream

    def record(self, event: int, stream: int = 0) -> None:
        """Let the event be the end of what is in the stream."""
        self.queues.record(event, stream)

    def wait_in_stream(self, stream: int, event: int) -> None:
        """Wait later."""
        self.queues.add_wait(stream, event)

    def wait(self, event: int) -> None:
        """Do the work before an event."""
        self.synchronized += 1
        self.queues.finish_event(event)

    def has_happened(self, event: int) -> bool:
        """Do the work before an event: whoever asks waits for it."""
        self.wait(event)
        return True

    def _copy(self, to: int, source: int, nbytes: int, stream: int) -> None:
        number = self._copies
        self._copies += 1

        def copy() -> None:
            ctypes.memmove(to, source, nbytes)
            self.notes.append(f"copy {number} is done")

        self.notes.append(f"copy {number} starts")
        self.queues.add(stream, copy)
