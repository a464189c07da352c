"""All ranks get the same kind of device, and the GPUs of a node are given out in turn."""

import pytest

from hpcpy_core.device import select_device
from hpcpy_core.errors import InputError
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi


@pytest.fixture
def last(comm):
    return comm.rank == comm.size - 1


def test_gpus_of_a_node_are_taken_in_turn(comm, machine):
    found = machine("a", "b")
    chosen = select_device("auto", "auto", comm, gpu=True)
    parallel_assert(comm, chosen.kind == "gpu", chosen.reason)
    used = (chosen.ordinal, found.driver.used, found.cupy.used)
    own = comm.rank % 2
    parallel_assert(comm, used == (own, [own], [own]), f"rank {comm.rank} uses {used}")


def test_a_rank_that_is_bound_to_a_gpu_takes_that(comm, machine):
    machine(f"gpu of rank {comm.rank}")
    chosen = select_device("auto", "auto", comm, gpu=True)
    parallel_assert(comm, chosen.ordinal == 0)
    parallel_assert(comm, chosen.warnings == (), f"{chosen.warnings}")
    expected = "NVIDIA H100" if comm.size == 1 else f"{comm.size} NVIDIA H100"
    parallel_assert(comm, chosen.reason == expected, chosen.reason)


def test_ranks_that_share_a_gpu_are_warned_of(comm, machine):
    machine("a", "b")
    chosen = select_device("gpu:1", "auto", comm, gpu=True)
    parallel_assert(comm, chosen.ordinal == 1)
    warned = " ".join(chosen.warnings)
    parallel_assert(comm, ("share GPU 1 (NVIDIA H100)" in warned) is (comm.size > 1), warned)
    parallel_assert(comm, len(set(comm.allgather(warned))) == 1)


def test_one_rank_without_a_gpu_keeps_all_on_the_cpu(comm, machine, last):
    machine(*([] if last else ["a"]))
    chosen = select_device("auto", "auto", comm, gpu=True)
    who = "" if comm.size == 1 else f" for rank {comm.size - 1}"
    expected = ("cpu", "host", f"no GPU{who}: the NVIDIA driver finds no GPU")
    said = (chosen.kind, chosen.transport.name, chosen.reason)
    parallel_assert(comm, said == expected, f"{said}")


def test_one_rank_without_the_gpu_that_was_asked_for_is_an_error_on_all(comm, machine, last):
    found = machine("a")
    if last:
        found.cupy.arange = None
    words = rf"--device gpu: rank {comm.size - 1} on .* cannot .*: cupy cannot compute here"
    with parallel_raises(comm, InputError, match=words):
        select_device("gpu", "auto", comm, gpu=True)


def test_one_rank_that_sees_fewer_gpus_is_an_error_on_all(comm, machine, last):
    machine(*(["a"] if last else ["a", "b"]))
    words = rf"--device gpu:1: rank {comm.size - 1} on .* sees one GPU"
    with parallel_raises(comm, InputError, match=words):
        select_device("gpu:1", "auto", comm, gpu=True)


def test_a_transport_that_was_not_proven_is_refused_on_all(comm, machine):
    machine("a")
    with parallel_raises(comm, InputError, match="not proven .*Use --transport staged"):
        select_device("gpu", "direct", comm, gpu=True)


def test_what_was_proven_is_taken_on_all(comm, machine):
    found = machine("a", proven=("p2p", "bcast"))
    way = select_device("gpu", "auto", comm, gpu=True).transport
    parallel_assert(comm, (way.name, way.direct_for) == ("direct", {"p2p", "bcast"}))
    parallel_assert(comm, found.asked == [comm.size])
