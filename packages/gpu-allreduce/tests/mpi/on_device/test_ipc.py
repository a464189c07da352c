"""Device memory of all ranks of a node in one kernel; what stands in for it is in conftest.py."""

import gc
import os
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from hpcpy_core.errors import HpcpyError
from hpcpy_gpu_allreduce.allreducer import Allreducer
from hpcpy_gpu_allreduce.ipc import Ipc
from hpcpy_gpu_allreduce.reduction import REDUCTIONS
from hpcpy_testing.assertions import parallel_assert, parallel_raises
from hpcpy_testing.emulated_driver import DeviceArray, Stream

pytestmark = pytest.mark.mpi

SIZES = (1, 2, 15, 1000, 300_001)


@pytest.fixture
def prepare(make_case):
    """Prepare the algorithm for a case, and free it at the end of the test."""
    made = []

    def make(*case, **changes):
        algorithm = Ipc(make_case(*case, **changes))
        algorithm.connect()
        made.append(algorithm)
        return algorithm

    yield make
    for algorithm in made:
        algorithm.free()


def values(rank, count, dtype="f8"):
    return (np.arange(count) % 5 + rank + 1).astype(dtype)


def reduced(comm, count, dtype="f8", operation="sum"):
    ufunc = getattr(np, REDUCTIONS[operation].ufunc)
    total = values(0, count, dtype)
    for rank in range(1, comm.size):
        total = ufunc(total, values(rank, count, dtype))
    return total


def same(array, right):
    return np.array_equal(array.get(), right)


@pytest.mark.parametrize("count", SIZES)
def test_its_own_arrays_are_not_copied(comm, gpu, prepare, count):
    algorithm = prepare(count)
    sendbuf, recvbuf = algorithm.make_buffer(), algorithm.make_buffer()
    for factor in (1, 2, 3):
        sendbuf.set(factor * values(comm.rank, count))
        algorithm.run(sendbuf, recvbuf)
        parallel_assert(comm, same(recvbuf, factor * reduced(comm, count)), str(recvbuf.get()))
        parallel_assert(comm, same(sendbuf, factor * values(comm.rank, count)), "input changed")
    parallel_assert(comm, algorithm.copied == 0)


@pytest.mark.parametrize(
    ("dtype", "operation"), [("i1", "min"), ("f2", "max"), ("f4", "prod"), ("c16", "sum")]
)
def test_dtypes_and_operations(comm, gpu, prepare, dtype, operation):
    algorithm = prepare(37, dtype, operation)
    sendbuf, recvbuf = algorithm.make_buffer(), algorithm.make_buffer()
    sendbuf.set(values(comm.rank, 37, dtype))
    algorithm.run(sendbuf, recvbuf)
    parallel_assert(comm, same(recvbuf, reduced(comm, 37, dtype, operation)), str(recvbuf.get()))


def test_one_kernel_reads_all_inputs_in_the_order_of_ranks(comm, gpu, prepare):
    algorithm = prepare(1000)
    sendbuf, recvbuf = algorithm.make_buffer(), algorithm.make_buffer()
    sendbuf.set(values(comm.rank, 1000))
    algorithm.run(sendbuf, recvbuf)
    if comm.rank == 0:
        (launch,) = gpu.launches
        assert (len(launch.inputs), len(launch.outputs), launch.count) == (comm.size,) * 2 + (1000,)
        assert (launch.inputs[0], launch.outputs[0]) == (sendbuf.address, recvbuf.address)
        assert len({*launch.inputs, *launch.outputs}) == 2 * comm.size
    parallel_assert(comm, comm.rank == 0 or not gpu.launches, "a kernel beside the leader's")


def test_in_place(comm, gpu, prepare):
    algorithm = prepare((3, 7), "f4")
    array = algorithm.make_buffer()
    array.set(values(comm.rank, 21, "f4").reshape(3, 7))
    algorithm.run(array, array)
    parallel_assert(comm, same(array, reduced(comm, 21, "f4").reshape(3, 7)), str(array.get()))
    parallel_assert(comm, algorithm.copied == 0)


@pytest.mark.parametrize("mine", ["send", "recv", "neither", "in place", "mixed"])
def test_other_arrays_are_copied(comm, gpu, prepare, mine):
    """Each rank may have others: "mixed" is another mix on every rank."""
    count = 1001
    algorithm = prepare(count)
    unused, own = algorithm.make_buffer(), algorithm.make_buffer()
    unused.set(np.full(count, 7.0))
    if mine == "mixed":
        mine = ("send", "recv", "neither", "in place")[comm.rank % 4]
    foreign = gpu.array(np.full(count, np.nan))
    sendbuf, recvbuf, copies = {
        "send": (own, foreign, 1),
        "recv": (gpu.array(values(comm.rank, count)), own, 1),
        "neither": (gpu.array(values(comm.rank, count)), foreign, 2),
        "in place": (foreign, foreign, 2),
    }[mine]
    for turn in (1, 2):
        sendbuf.set(values(comm.rank, count))
        algorithm.run(sendbuf, recvbuf)
        parallel_assert(comm, same(recvbuf, reduced(comm, count)), f"{mine}: {recvbuf.get()}")
        parallel_assert(comm, algorithm.copied == turn * copies * 8 * count)
        kept = sendbuf is recvbuf or same(sendbuf, values(comm.rank, count))
        parallel_assert(comm, kept, "input changed")
        parallel_assert(comm, (unused.get() == 7).all(), "a copy went into the caller's array")


def test_a_copy_is_not_overtaken_by_the_next_one(comm, gpu, prepare):
    """Calls that follow each other may be in different streams."""
    algorithm = prepare(4)
    first, other = gpu.array(np.full(4, 1.0)), Stream(non_blocking=True)
    second = DeviceArray.from_host(np.full(4, 10.0), stream=other)
    algorithm.run(first, first)
    algorithm.run(second, second)
    for array, right in ((first, comm.size), (second, 10 * comm.size)):
        parallel_assert(comm, (array.get() == right).all(), f"{array.get()}, not {right}")


def test_more_buffers_than_two_are_the_pools(comm, gpu, prepare):
    algorithm = prepare(5)
    buffers = [algorithm.make_buffer() for _ in range(3)]
    assert not any(buffer.get().any() for buffer in buffers)
    algorithm.run(buffers[2], buffers[1])
    parallel_assert(comm, algorithm.copied == 40)


@pytest.mark.parametrize("own", [True, False])
def test_late_kernels_are_not_overtaken(comm, gpu, prepare, own):
    """Input and the rest of the work are in streams: nothing is read or written before its turn."""
    count = 5000
    algorithm = prepare(count)
    other = Stream(non_blocking=True)
    if own:
        sendbuf, recvbuf = algorithm.make_buffer(), algorithm.make_buffer()
        sendbuf.stream = other
    else:
        sendbuf, recvbuf = DeviceArray(count, stream=other), DeviceArray(count, stream=gpu.stream)
    recvbuf.stream = gpu.stream
    for turn in range(3):
        sendbuf.launch(lambda items, turn=turn: items.__setitem__(..., turn + comm.rank))
        recvbuf.launch(lambda items: items.fill(-1))
        algorithm.run(sendbuf, recvbuf)
        got = recvbuf.get()
        right = turn * comm.size + sum(range(comm.size))
        parallel_assert(comm, (got == right).all(), f"{got}, not {right}")


def test_a_result_stands_until_all_have_come_again(comm, gpu, prepare):
    """A rank that is late in reading its result does not find the next one there."""
    algorithm = prepare(3)
    sendbuf, recvbuf = algorithm.make_buffer(), algorithm.make_buffer()
    sendbuf.set(np.full(3, 1.0))
    algorithm.run(sendbuf, recvbuf)
    sendbuf.set(np.full(3, 10.0))
    if comm.rank != 0:
        algorithm.run(sendbuf, recvbuf)
    else:
        assert same(recvbuf, np.full(3, comm.size))
        algorithm.run(sendbuf, recvbuf)
    parallel_assert(comm, same(recvbuf, np.full(3, 10 * comm.size)))


def test_a_kernel_that_fails_is_every_ranks_error(comm, gpu, prepare, monkeypatch):
    algorithm = prepare(3)
    sendbuf, recvbuf = algorithm.make_buffer(), algorithm.make_buffer()
    with monkeypatch.context() as broken:

        def fail(*arguments):
            raise RuntimeError("CUDA_ERROR_LAUNCH_FAILED")

        broken.setattr("hpcpy_gpu_allreduce.ipc.launch_reduce", fail)
        with parallel_raises(comm, RuntimeError, match="LAUNCH_FAILED"):
            algorithm.run(sendbuf, recvbuf)
    sendbuf.set(values(comm.rank, 3))
    algorithm.run(sendbuf, recvbuf)
    parallel_assert(comm, same(recvbuf, reduced(comm, 3)))


def test_an_input_that_fails_is_every_ranks_error(comm, gpu, prepare):
    algorithm = prepare(3)
    recvbuf = algorithm.make_buffer()
    last = comm.rank == comm.size - 1
    nowhere = {"data": (64, False), "stream": None, "shape": (3,), "typestr": "<f8", "version": 3}
    sendbuf = SimpleNamespace(__cuda_array_interface__=nowhere) if last else recvbuf
    with parallel_raises(comm, HpcpyError, match="CUDA_ERROR_INVALID_VALUE"):
        algorithm.run(sendbuf, recvbuf)
    parallel_assert(comm, not gpu.launches, "a kernel was launched all the same")


def test_memory_that_cannot_be_opened_is_every_ranks_error(comm, gpu, make_case, monkeypatch):
    """A handle that leads nowhere, as in a container of its own; what was opened is closed."""
    if comm.size == 1:
        return  # a lone rank opens nothing, and rank 0 alone opens anything
    handles, opened, closed = "hpcpy_gpu_allreduce.ipc_memory.", [], []
    from hpcpy_gpu_allreduce import ipc_memory

    real_open, real_close = ipc_memory.open_memory, ipc_memory.close_memory

    def open_memory(driver, handle):
        broken = len(opened) == comm.size - 2
        opened.append(real_open(driver, bytes(64) if broken else handle))
        return opened[-1]

    def close_memory(driver, address):
        closed.append(address)
        real_close(driver, address)

    monkeypatch.setattr(handles + "open_memory", open_memory)
    monkeypatch.setattr(handles + "close_memory", close_memory)
    algorithm = Ipc(make_case(3))
    with parallel_raises(comm, HpcpyError, match=r"the device memory of rank \d") as caught:
        algorithm.connect()
    parallel_assert(comm, caught.error.agreed)
    parallel_assert(comm, sorted(opened) == sorted(closed), f"{opened} {closed}")


def test_everything_is_given_back(comm, gpu, make_case):
    """Mapped memory goes with `free`, own memory when no array is in it any more."""
    before = mapped()
    algorithm = Ipc(make_case(300_000))
    algorithm.connect()
    sendbuf, recvbuf = algorithm.make_buffer(), algorithm.make_buffer()
    algorithm.run(sendbuf, recvbuf)
    expected = before + (comm.size if comm.rank == 0 else 1)
    parallel_assert(comm, mapped() == expected, f"{mapped()}, not {expected}")
    algorithm.free()
    parallel_assert(comm, mapped() == before + 1, "other ranks' memory is still mapped")
    del algorithm, sendbuf
    assert not recvbuf.get().any()
    parallel_assert(comm, mapped() == before + 1)
    del recvbuf
    parallel_assert(comm, mapped() == before, "own memory is still there")


@pytest.mark.parametrize("algorithm", ["auto", "ipc"])
def test_a_reducer_takes_it(comm, gpu, make_case, algorithm):
    """Also by itself: nothing else is as fast where it is possible."""
    device = make_case(1).device
    with Allreducer((4, 5), "f4", comm, algorithm=algorithm, device=device) as reducer:
        assert reducer.algorithm == "ipc"
        reducer.sendbuf.set(values(comm.rank, 20, "f4").reshape(4, 5))
        total = reducer.reduce()
        parallel_assert(comm, same(total, reduced(comm, 20, "f4").reshape(4, 5)), str(total.get()))


def test_too_little_memory_is_every_ranks_error(comm, gpu, make_case):
    """Three arrays of 2 GiB do not fit into the emulated device's 4 GiB."""
    device = make_case(1).device
    with parallel_raises(comm, HpcpyError, match="no memory for algorithm 'ipc'") as caught:
        Allreducer(2**28, "f8", comm, algorithm="ipc", device=device)
    parallel_assert(comm, "CUDA_ERROR_OUT_OF_MEMORY" in str(caught.error))


def mapped():
    """Count the shadows of device memory that this process has mapped."""
    gc.collect()  # what other tests left in cycles, such as errors with their tracebacks
    lines = Path(f"/proc/{os.getpid()}/maps").read_text().splitlines()
    return sum("hpcpy-emulated-gpu" in line and int_size(line) >= 2 << 20 for line in lines)


def int_size(line):
    start, stop = (int(part, 16) for part in line.split()[0].split("-"))
    return stop - start


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"nodes": 2}, "shared inside a node, and the ranks are on 2")],
)
def test_what_is_not_possible_is_refused(comm, gpu, make_case, changes, reason):
    assert reason in Ipc.refuse(make_case(3, **changes))
    assert Ipc.refuse(make_case(3)) is None
