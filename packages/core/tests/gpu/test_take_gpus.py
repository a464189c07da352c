"""Every rank gets a GPU of its node, in turn, and what it allocates is there."""

import pytest

from hpcpy_core.cuda_driver import load_driver
from hpcpy_core.device import select_device
from hpcpy_core.errors import InputError
from hpcpy_core.places import describe_sharing
from hpcpy_core.take_gpus import take_gpus
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi


def test_the_gpus_are_taken_in_turn(comm, gpu):
    places = take_gpus(comm)
    driver, own = load_driver(), places[comm.rank]
    on_node = [place for place in places if place.node == own.node]
    turn = on_node.index(own) % driver.count_devices()
    parallel_assert(comm, own.ordinal == turn, f"rank {comm.rank} took {own.ordinal}, not {turn}")
    parallel_assert(comm, own.uuid == driver.device_uuid(turn), own.uuid)
    shared = len(on_node) > own.visible
    parallel_assert(comm, (describe_sharing(places) is not None) == shared, str(places))


def test_what_a_rank_allocates_is_on_its_gpu(comm, gpu):
    own = take_gpus(comm)[comm.rank]
    array = gpu.allocate(1000)
    pointer, _ = array.__cuda_array_interface__["data"]
    found = load_driver().locate(pointer)
    parallel_assert(comm, found == own.ordinal, f"on {found}, not on {own.ordinal}")


def test_a_gpu_that_is_not_there_is_refused_on_all(comm, gpu):
    with parallel_raises(comm, InputError, match=r"--device gpu:999: rank 0 on .* sees "):
        take_gpus(comm, 999)


def test_the_device_is_chosen_and_named(comm, gpu, rehearsed):
    if rehearsed:  # nothing computes there, and the user is told so
        with parallel_raises(comm, InputError, match="--device gpu: rank 0 on .* cannot compute"):
            select_device("gpu", "staged", comm, gpu=True)
        return
    device = select_device("gpu", "staged", comm, gpu=True)
    name = load_driver().device_name(device.ordinal)
    parallel_assert(comm, device.kind == "gpu" and device.name == name, str(device))
