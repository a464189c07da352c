"""A handle lets another process read device memory, at the right place and in time."""

import ctypes

import numpy as np
import pytest

from hpcpy_core.cuda_driver import load_driver
from hpcpy_core.take_gpus import take_gpus
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi

HANDLE = ctypes.c_byte * 64
LAZY_PEER_ACCESS = 1
ITEMS, OFFSET = 1000, 256


class Handle(ctypes.Structure):
    """CUipcMemHandle, which is given by value."""

    _fields_ = (("reserved", HANDLE),)


@pytest.fixture
def memory(comm):
    """Device memory of this rank, twice the items long."""
    driver = load_driver()
    driver.use(take_gpus(comm)[comm.rank].ordinal)
    address = driver.allocate(2 * 8 * ITEMS)
    yield address
    driver.free(address)


def test_the_neighbours_memory_is_read_through_its_handle(comm, memory):
    driver = load_driver()
    mine = np.arange(2.0 * ITEMS) + 10_000 * comm.rank
    driver.copy_to_device(memory, mine.ctypes.data, mine.nbytes)
    driver.synchronize()
    handle = Handle()
    driver.call("cuIpcGetMemHandle", ctypes.byref(handle), ctypes.c_uint64(memory))
    handles = comm.allgather(bytes(handle))
    left = (comm.rank - 1) % comm.size
    parallel_assert(comm, len(set(handles)) == comm.size, "two ranks have the same handle")

    found = np.full(ITEMS, np.nan)
    opened = ctypes.c_uint64(memory)  # a process cannot open its own handle
    if left != comm.rank:
        theirs = Handle.from_buffer_copy(handles[left])
        driver.call("cuIpcOpenMemHandle_v2", ctypes.byref(opened), theirs, LAZY_PEER_ACCESS)
    driver.copy_to_host(found.ctypes.data, opened.value + 8 * OFFSET, found.nbytes)
    driver.synchronize()
    comm.Barrier()  # until then nobody frees what another reads
    if left != comm.rank:
        driver.call("cuIpcCloseMemHandle", opened)
    expected = np.arange(ITEMS) + OFFSET + 10_000.0 * left
    parallel_assert(comm, np.array_equal(found, expected), f"{found[:3]}")
