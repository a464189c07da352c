import ctypes

import numpy as np
import pytest

from hpcpy_core.awareness.device_block import device_blocks


class Driver:
    """Copies are noted, and done by `synchronize` only."""

    def __init__(self):
        self.memory, self.late = {}, []

    def allocate(self, nbytes):
        made = np.zeros(nbytes, np.uint8)
        self.memory[made.ctypes.data] = made
        return made.ctypes.data

    def free(self, address):
        del self.memory[address]

    def copy_to_device(self, device, host, nbytes):
        self.late.append((device, host, nbytes))

    copy_to_host = copy_to_device

    def synchronize(self):
        for copy in self.late:
            ctypes.memmove(*copy)
        self.late.clear()


def test_what_was_set_is_got_and_mpi4py_finds_the_address():
    driver = Driver()
    with device_blocks(driver) as make:
        block = make(np.arange(6, dtype=np.int32))
        assert block.get().tolist() == [0, 1, 2, 3, 4, 5]
        block.set(np.full(6, 7, np.int32))
        assert block.get().dtype == np.int32
        assert block.get().tolist() == [7] * 6
        interface = block.__cuda_array_interface__
        assert interface["data"] == (next(iter(driver.memory)), False)
        assert (interface["shape"], interface["typestr"]) == ((6,), "<i4")


def test_all_blocks_are_freed_after_an_error_too():
    driver = Driver()

    def fail():
        with device_blocks(driver) as make:
            make(np.zeros(1))
            make(np.zeros(2))
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert driver.memory == {}
