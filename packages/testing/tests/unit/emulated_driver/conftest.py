"""The driver in this process, and in others that may crash or find other devices."""

import ctypes
import os
import subprocess
import sys

import pytest

from hpcpy_testing.emulated_driver import driver_environment, load_driver

PRELUDE = """
import ctypes, os, resource, sys
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
import numpy as np
from hpcpy_core.cuda_driver import CudaError
from hpcpy_testing.emulated_driver import DeviceArray, Stream, load_driver
"""


@pytest.fixture
def driver():
    """The driver, with the first device's context current."""
    loaded = load_driver()
    loaded.use(0)
    return loaded


@pytest.fixture
def pinned(driver):
    """Allocate page-locked host memory of 4 bytes, filled with a value."""
    made = []

    def allocate(value=0):
        address = ctypes.c_void_p()
        driver.call("cuMemHostAlloc", ctypes.byref(address), ctypes.c_size_t(4), 0)
        made.append(address)
        memory = (ctypes.c_uint8 * 4).from_address(address.value)
        memory[:] = [value] * 4
        return memory

    yield allocate
    for address in made:
        driver.call("cuMemFreeHost", address)


@pytest.fixture
def run_child():
    """Run a program in a process of its own."""

    def run(program, **environment):
        return subprocess.run(
            ["timeout", "-k", "5", "60", sys.executable, "-c", PRELUDE + program],
            env={**os.environ, **driver_environment(), **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    return run
