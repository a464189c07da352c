"""The threads of Numba."""

import pytest

from hpcpy_core.errors import InputError
from hpcpy_diffusion.kernels import find_kernel


def test_more_threads_than_numba_may_start_are_refused():
    words = r"cannot use 4096 threads here: .*; set NUMBA_NUM_THREADS=4096 to have more"
    with pytest.raises(InputError, match=words):
        find_kernel("numba-parallel").load(threads=4096)
