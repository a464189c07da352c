"""A stream of the emulated driver."""

import ctypes
import weakref

from hpcpy_testing.emulated_driver.driver import load_driver

__all__ = ["Stream"]

NON_BLOCKING = 1
NOT_READY = 600


class Stream:
    """A queue of work that is done when it is waited for. All of its methods are local.

    Parameters
    ----------
    device
        Whose, from 0.
    non_blocking
        Whether it and the default stream do not wait for each other.
    """

    def __init__(self, *, device: int = 0, non_blocking: bool = False) -> None:
        driver = load_driver()
        driver.use(device)
        made = ctypes.c_void_p()
        flags = NON_BLOCKING if non_blocking else 0
        driver.call("cuStreamCreate", ctypes.byref(made), flags)
        self.device = device
        self.handle = made.value or 0
        destroy = weakref.finalize(self, _destroy, device, self.handle)
        destroy.atexit = False  # the driver ends with the process

    def synchronize(self) -> None:
        """Wait until all of its work is done."""
        load_driver().use(self.device)
        load_driver().call("cuStreamSynchronize", ctypes.c_void_p(self.handle))

    def is_done(self) -> bool:
        """Ask whether all of its work is done; asking often enough brings it to its end."""
        load_driver().use(self.device)
        return load_driver().try_call("cuStreamQuery", ctypes.c_void_p(self.handle)) != NOT_READY


def _destroy(device: int, handle: int) -> None:
    load_driver().use(device)
    load_driver().call("cuStreamDestroy_v2", ctypes.c_void_p(handle))
