"""All ranks get the same kind of device, and the GPUs of a node are taken in turn."""

import pytest

from hpcpy_core import device
from hpcpy_core.device import select_device
from hpcpy_core.errors import InputError
from hpcpy_testing.assertions import parallel_assert, parallel_raises
from hpcpy_testing.emulated_cupy import install_emulated_cupy

pytestmark = pytest.mark.mpi


@pytest.fixture
def cupy(monkeypatch):
    monkeypatch.setattr(device, "find_spec", lambda name: object())
    return install_emulated_cupy(monkeypatch, devices=2)


def test_gpus_of_a_node_are_taken_in_turn(comm, cupy):
    chosen = select_device("auto", "auto", comm, gpu=True)
    parallel_assert(comm, chosen.kind == "gpu", chosen.reason)
    parallel_assert(comm, cupy.used == [comm.rank % 2], f"rank {comm.rank} uses {cupy.used}")


def test_one_rank_without_a_gpu_keeps_all_on_the_cpu(comm, cupy):
    if comm.rank == comm.size - 1:
        cupy.cuda.runtime.getDeviceCount = lambda: 0
    chosen = select_device("auto", "auto", comm, gpu=True)
    said = (chosen.kind, chosen.transport.name, chosen.reason)
    parallel_assert(comm, said == ("cpu", "host", "no GPU: cupy found no device"), f"{said}")


def test_one_rank_without_the_gpu_that_was_asked_for_is_an_error_on_all(comm, cupy):
    if comm.rank == comm.size - 1:
        cupy.cuda.runtime.getDeviceCount = lambda: 0
    with parallel_raises(comm, InputError, match="--device gpu: cupy found no device. Use"):
        select_device("gpu", "auto", comm, gpu=True)
