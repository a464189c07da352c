"""The driver's entries, called from Python."""

import ctypes
import functools
import os
from collections.abc import Mapping

from hpcpy_core.errors import HpcpyError
from hpcpy_testing.emulated_driver.build import build_driver

__all__ = ["Driver", "DriverError", "driver_environment", "load_driver"]

NAME = "libcuda.so.1"


class DriverError(HpcpyError):
    """An entry of the driver failed.

    Attributes
    ----------
    name
        Of the error, such as ``CUDA_ERROR_OUT_OF_MEMORY``.
    """

    def __init__(self, entry: str, name: str, text: str) -> None:
        super().__init__(f"{entry}: {name} ({text})")
        self.name = name


class Driver:
    """The loaded library. All of its methods are local."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library = library
        self._contexts: dict[int, ctypes.c_void_p] = {}

    def call(self, entry: str, *arguments: object) -> None:
        """Call an entry, and raise what it returns.

        Raises
        ------
        DriverError
            If that is not CUDA_SUCCESS.
        """
        if number := self.try_call(entry, *arguments):
            raise DriverError(entry, self._text("Name", number), self._text("String", number))

    def try_call(self, entry: str, *arguments: object) -> int:
        """Call an entry, and return its result: 0 is CUDA_SUCCESS."""
        result: int = getattr(self._library, entry)(*arguments)
        return result

    def use(self, device: int) -> None:
        """Make the primary context of a device the current one of this thread.

        Parameters
        ----------
        device
            From 0.
        """
        if device not in self._contexts:
            context = ctypes.c_void_p()
            self.call("cuDevicePrimaryCtxRetain", ctypes.byref(context), device)
            self._contexts[device] = context
        self.call("cuCtxSetCurrent", self._contexts[device])

    def count_pending(self, address: int, size: int) -> int:
        """Count the unfinished work that touches `size` bytes of device memory at `address`."""
        pending = ctypes.c_size_t()
        arguments = (ctypes.c_uint64(address), ctypes.c_size_t(size), ctypes.byref(pending))
        self.call("hpcpyEmulatedPending", *arguments)
        return pending.value

    def _text(self, what: str, number: int) -> str:
        text = ctypes.c_char_p()
        self.try_call(f"cuGetError{what}", number, ctypes.byref(text))
        return (text.value or b"unknown").decode()


@functools.cache
def load_driver() -> Driver:
    """Load and initialise the emulated driver, once in a process. Local.

    Raises
    ------
    HpcpyError
        If another driver was loaded before, as on a machine with a GPU; with
        `driver_environment`, none is.
    DriverError
        If it finds no device.
    """
    library = ctypes.CDLL(str(build_driver() / NAME))
    # The first library of this name is the one that MPI gets.
    if not hasattr(ctypes.CDLL(NAME), "hpcpyEmulatedPending"):
        raise HpcpyError(
            f"another {NAME} is loaded already, which MPI would call: start this process with "
            f"LD_LIBRARY_PATH={build_driver()}"
        )
    driver = Driver(library)
    driver.call("cuInit", 0)
    return driver


def driver_environment(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the variable that lets the programs of a job find the driver. Local.

    Parameters
    ----------
    environ
        Whose LD_LIBRARY_PATH follows it.
    """
    rest = environ.get("LD_LIBRARY_PATH")
    return {"LD_LIBRARY_PATH": os.pathsep.join([str(build_driver()), *([rest] if rest else [])])}
