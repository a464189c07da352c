"""The refusals of host memory; docs/arrays.md tells them by call."""

import array

import numpy as np
import pytest

from hpcpy_core.errors import InputError
from hpcpy_core.host_memory import host_memory
from hpcpy_core.message_buffer import HostBuffer
from hpcpy_testing.emulated_cupy import install_emulated_cupy


@pytest.mark.parametrize(
    ("given", "dtype", "nbytes"),
    [
        (np.zeros((2, 3), "i2"), "i2", 12),
        (np.zeros((3, 0)).T[::2], "f8", 0),
        (np.array(3.0), "f8", 8),
        (bytearray(5), "u1", 5),
        (memoryview(array.array("d", [1, 2])), "f8", 16),
        (b"abc", "u1", 3),
    ],
)
def test_one_block_of_numbers_is_taken_where_it_is(given, dtype, nbytes):
    memory = host_memory(given)
    assert (memory.dtype, memory.nbytes) == (np.dtype(dtype), nbytes)
    assert nbytes == 0 or np.shares_memory(memory.array, np.asarray(memoryview(given)))


@pytest.mark.parametrize("given", [b"abc", memoryview(b"abc"), np.broadcast_to(1.0, ())])
def test_what_is_read_only_is_sent_but_not_filled(given):
    host_memory(given)
    with pytest.raises(InputError, match=r"^u is read-only, .*pass a copy$"):
        host_memory(given, name="u", filled=True)
    with pytest.raises(InputError, match="read-only"):
        HostBuffer(given).synchronize()


def test_a_device_array_is_not_taken_for_host_memory(monkeypatch):
    cupy = install_emulated_cupy(monkeypatch)
    with pytest.raises(InputError, match=r"is in device memory, .* pass array.get\(\)"):
        host_memory(cupy.zeros(3))


@pytest.mark.parametrize("given", [3.0, None, "abc", [1.0], {}])
def test_what_is_no_array_is_refused(given):
    with pytest.raises(InputError, match=r"not an array: pass numpy.asarray\(array\)"):
        host_memory(given)
