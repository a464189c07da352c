"""Device memory that runs out on one rank is one error on all, and the next message works."""

import pytest

from hpcpy_core.allocating import allocating
from hpcpy_core.cuda_driver import load_driver
from hpcpy_core.device import Device
from hpcpy_core.errors import HpcpyError
from hpcpy_core.take_gpus import take_gpus
from hpcpy_core.transport import Transport
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi

TOO_MUCH = 2**50


@pytest.fixture
def device(comm):
    place = take_gpus(comm)[comm.rank]
    transport = Transport(name="staged", reason="tested")
    return Device(
        kind="gpu", reason="", transport=transport, ordinal=place.ordinal, name=place.name
    )


def test_one_rank_without_memory_is_an_error_on_all(comm, gpu, device):
    last = comm.size - 1
    words = f"rank {last} on .* has no memory for the field: GPU .* GiB left .*use a coarser"
    with (
        parallel_raises(comm, HpcpyError, match=words),
        allocating(comm, device, "the field", "use a coarser grid"),
    ):
        array = gpu.allocate(TOO_MUCH if comm.rank == last else 8)
    array = gpu.allocate(8)
    device.transport.Bcast(comm, array)
    found = load_driver().locate(array.__cuda_array_interface__["data"][0])
    parallel_assert(comm, found == device.ordinal, f"the array is on {found}")
