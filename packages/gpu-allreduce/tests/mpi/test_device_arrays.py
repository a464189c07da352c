"""Device arrays through host memory and directly, with NumPy in place of a GPU."""

import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core.device import CPU, Device
from hpcpy_core.errors import InputError
from hpcpy_core.transport import Transport
from hpcpy_gpu_allreduce import Allreducer, allreduce, hierarchical_on_gpu
from hpcpy_gpu_allreduce.attached import Attached
from hpcpy_gpu_allreduce.case import make_case
from hpcpy_gpu_allreduce.ceilings import prepare_ceilings
from hpcpy_gpu_allreduce.hierarchical_on_gpu import HierarchicalOnGpu
from hpcpy_gpu_allreduce.levels import Levels
from hpcpy_testing.assertions import parallel_assert, parallel_raises
from hpcpy_testing.emulated_cupy import install_emulated_cupy

pytestmark = pytest.mark.mpi

STAGED = Transport(name="staged", reason="of the test")
DIRECT = Transport(name="direct", reason="of the test", direct_for=frozenset({"p2p", "reduction"}))
WAYS = [
    *((name, STAGED) for name in ("staged", "pipelined")),
    *((name, STAGED) for name in ("ring", "recursive_doubling", "rabenseifner")),
    *((name, DIRECT) for name in ("direct", "ring")),
]


@pytest.fixture
def cupy(monkeypatch):
    return install_emulated_cupy(monkeypatch)


def on(transport):
    return Device(kind="gpu", reason="of the test", transport=transport)


@pytest.mark.parametrize(
    ("algorithm", "transport"), WAYS, ids=lambda way: getattr(way, "name", way)
)
def test_the_result_is_on_the_device_and_right(comm, cupy, algorithm, transport):
    count = 70_003
    host = np.arange(count, dtype="int32") % 1000 + comm.rank
    expected = comm.size * (np.arange(count) % 1000) + sum(range(comm.size))
    with Allreducer(count, "int32", comm, algorithm=algorithm, device=on(transport)) as reducer:
        sent = cupy.asarray(host.copy())
        into = reducer.reduce(sent)
        inside = reducer.reduce(MPI.IN_PLACE, cupy.asarray(host.copy()))
        for found in (into, inside):
            parallel_assert(comm, type(found) is cupy.ndarray)
            parallel_assert(comm, np.array_equal(found.get(), expected))
        parallel_assert(comm, np.array_equal(sent.get(), host))


def test_mpi_is_given_what_the_way_says(comm, cupy, monkeypatch):
    seen, addresses = [], set()

    class Watching(MPI.Intracomm):
        def Allreduce(self, sendbuf, recvbuf, op=MPI.SUM):  # noqa: N802 - MPI's name
            given = recvbuf if isinstance(recvbuf, np.ndarray) else recvbuf[0]
            seen.append(MPI.buffer(given).address in addresses)
            super().Allreduce(sendbuf, recvbuf, op=op)

    for algorithm, transport, on_device in (("staged", DIRECT, False), ("direct", DIRECT, True)):
        with Allreducer(4, float, comm, algorithm=algorithm, device=on(transport)) as reducer:
            reducer.sendbuf[...] = 1
            addresses = {reducer.recvbuf.__cuda_array_interface__["data"][0]}
            case = reducer._prepared.case
            monkeypatch.setitem(case.__dict__, "comm", Watching(case.comm))
            cupy.synchronized = 0
            found = reducer.reduce()
            parallel_assert(comm, (found.get() == comm.size).all() and cupy.synchronized)
            parallel_assert(comm, seen.pop() is on_device and seen.pop() is False and not seen)


def test_one_call_stages_what_nobody_has_proven(comm, cupy):
    found = allreduce(cupy.asarray(np.full(3, comm.rank + 1.0)), comm=comm, algorithm="staged")
    parallel_assert(comm, (found.get() == comm.size * (comm.size + 1) / 2).all())
    with parallel_raises(comm, InputError, match="not proven to reduce device memory"):
        allreduce(cupy.zeros(3), comm=comm, algorithm="direct")


@pytest.mark.parametrize(
    ("make", "device", "words"),
    [
        (lambda cupy: cupy.zeros(3), CPU, r"pass array\.get\(\)"),
        (lambda _: np.zeros(3), on(STAGED), r"pass cupy\.asarray\(array\)"),
        (lambda cupy: cupy.zeros((3, 3))[:, 0], on(STAGED), r"cupy\.ascontiguousarray"),
    ],
)
def test_what_is_in_the_wrong_place_is_refused_by_all(comm, cupy, make, device, words):
    with parallel_raises(comm, InputError, match=words) as caught:
        allreduce(make(cupy), comm=comm, device=device, algorithm="ring")
    parallel_assert(comm, caught.error.agreed)


def test_device_arrays_are_not_for_the_host_algorithm(comm, cupy):
    with parallel_raises(comm, InputError, match="not possible here.* on the device"):
        Allreducer(3, float, comm, algorithm="host", device=on(STAGED))


@pytest.mark.parametrize("nodes", [1, 2])
def test_two_levels_of_devices(comm, cupy, monkeypatch, nodes):
    """What works without a GPU stands in for IPC in the nodes, of which there seem to be two."""
    nodes = min(nodes, comm.size)

    def split(whole):
        node = MPI.Intracomm(whole.Split(min(whole.rank, nodes - 1), whole.rank))
        leads = node.rank == 0
        leaders = MPI.Intracomm(whole.Split(0 if leads else MPI.UNDEFINED, whole.rank))
        return Levels(node=node, leaders=leaders if leads else None)

    monkeypatch.setattr(hierarchical_on_gpu, "INSIDE", ("ring",))
    monkeypatch.setattr(hierarchical_on_gpu, "split_levels", split)
    own = comm.Dup()
    case = make_case(Attached(comm=own, nodes=nodes), (7, 3), "float32", MPI.SUM, on(STAGED))
    assert HierarchicalOnGpu.refuse(case) is None
    prepared = HierarchicalOnGpu(case)
    prepared.connect()
    sent, into = prepared.make_buffer(), prepared.make_buffer()
    for turn in range(2):
        sent[...] = comm.rank + turn
        prepared.run(sent, into)
        expected = sum(rank + turn for rank in range(comm.size))
        parallel_assert(comm, (into.get() == expected).all())
    prepared.run(into, into)
    parallel_assert(comm, (into.get() == expected * comm.size).all())
    prepared.free()
    own.Free()


def test_the_ceilings_of_a_gpu_copy(comm, cupy):
    before = len(cupy.pinned)
    ceilings = prepare_ceilings(1000, on(STAGED))
    assert list(ceilings) == ["copy", "to host", "to device"]
    for copy in ceilings.values():
        copy()
    assert len(cupy.pinned) >= before
