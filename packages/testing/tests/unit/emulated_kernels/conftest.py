"""Kernels of a few lines, run on arrays of a few items."""

import numpy as np
import pytest

from hpcpy_testing.emulated_cupy import DeviceArray
from hpcpy_testing.emulated_kernels import compile_on_host

PRELUDE = '#define ALL 0xffffffff\nextern "C" __global__ void __launch_bounds__(1024) '


@pytest.fixture
def kernel():
    """Compile ``name(parameters) { ... }``; line 2 is its first."""

    def compile_kernel(text, *options):
        name = text.partition("(")[0].strip()
        return compile_on_host(PRELUDE + text.strip(), options).get_function(name)

    return compile_kernel


@pytest.fixture
def zeros():
    def make(shape, dtype=np.float64):
        return np.zeros(shape, dtype).view(DeviceArray)

    return make
