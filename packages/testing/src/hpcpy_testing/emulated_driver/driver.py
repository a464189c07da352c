"""The emulated driver, called from Python."""

import ctypes
import functools
import os
from collections.abc import Mapping

from hpcpy_core import cuda_driver
from hpcpy_core.cuda_driver import NAME
from hpcpy_core.errors import HpcpyError, InputError
from hpcpy_testing.emulated_driver.build import build_driver

__all__ = ["Driver", "driver_environment", "load_driver", "require_driver_environment"]


class Driver(cuda_driver.Driver):
    """The loaded library. All of its methods are local."""

    def count_pending(self, address: int, size: int) -> int:
        """Count the unfinished work that touches `size` bytes of device memory at `address`."""
        pending = ctypes.c_size_t()
        arguments = (ctypes.c_uint64(address), ctypes.c_size_t(size), ctypes.byref(pending))
        self.call("hpcpyEmulatedPending", *arguments)
        return pending.value


@functools.cache
def load_driver() -> Driver:
    """Load and initialise the emulated driver, once in a process. Local.

    Raises
    ------
    HpcpyError
        If another driver was loaded before, as on a machine with a GPU; with
        `driver_environment`, none is.
    CudaError
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


def require_driver_environment() -> None:
    """Refuse to test where MPI and hpcpy would not find the emulated driver. Local.

    Raises
    ------
    InputError
        If the process was not started with `driver_environment`.
    """
    if str(build_driver()) not in os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep):
        raise InputError("these tests need the emulated driver: pass --emulated-driver")
