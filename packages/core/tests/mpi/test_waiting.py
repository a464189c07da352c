from time import monotonic, process_time, sleep

import pytest

from hpcpy_core.waiting import wait_asleep
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi

SECONDS = 0.3


def test_it_returns_when_the_last_has_come(comm):
    if comm.rank == comm.size - 1:
        sleep(SECONDS)
    came = monotonic()  # one clock for all processes of a node
    wait_asleep(comm.Ibarrier())
    left = monotonic()
    parallel_assert(comm, left >= max(comm.allgather(came)), "left before all had come")


def test_a_message_is_there(comm):
    data = bytearray(8)
    request = comm.Irecv(data, source=(comm.rank - 1) % comm.size)
    comm.Send(bytes([comm.rank] * 8), dest=(comm.rank + 1) % comm.size)
    wait_asleep(request)
    parallel_assert(comm, data == bytes([(comm.rank - 1) % comm.size] * 8), f"got {data!r}")


def test_it_takes_no_core_meanwhile(comm):
    """A rank that waited by polling would have computed all the time."""
    if comm.rank == 0:
        sleep(SECONDS)
    began = process_time()
    wait_asleep(comm.Ibarrier())
    parallel_assert(comm, process_time() - began < SECONDS / 2, "computed while it waited")
