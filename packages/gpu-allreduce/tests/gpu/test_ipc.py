"""One kernel over the memory of all ranks: values, streams, and the memory that is given back."""

import numpy as np
import pytest

from hpcpy_core.cuda_driver import load_driver
from hpcpy_gpu_allreduce.ipc import Ipc
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi

SIZES = (1, 1000, 1_000_003)
ROUNDS = 5


@pytest.fixture
def prepare(gpu, make_case):
    """Prepare the algorithm for a case, and free it at the end of the test."""
    made = []

    def make(*case):
        made.append(Ipc(make_case(*case)))
        made[-1].connect()
        return made[-1]

    yield make
    for algorithm in made:
        algorithm.free()


def values(rank, count, dtype="f8"):
    return (np.arange(count) % 5 + rank + 1).astype(dtype)


def total(comm, count, dtype="f8"):
    return sum(values(rank, count, dtype) for rank in range(comm.size)).astype(dtype)


@pytest.mark.parametrize("dtype", ["i1", "f2", "f4", "f8", "c16"])
@pytest.mark.parametrize("count", SIZES)
def test_its_own_arrays(comm, gpu, prepare, count, dtype):
    algorithm = prepare(count, dtype)
    sendbuf, recvbuf = algorithm.make_buffer(), algorithm.make_buffer()
    for _ in range(ROUNDS):
        gpu.fill(sendbuf, values(comm.rank, count, dtype))
        gpu.fill(recvbuf, np.zeros(count, dtype))
        algorithm.run(sendbuf, recvbuf)
        got = gpu.to_host(recvbuf)
        parallel_assert(comm, np.array_equal(got, total(comm, count, dtype)), str(got))
    parallel_assert(comm, algorithm.copied == 0)


def test_in_place(comm, gpu, prepare):
    algorithm = prepare((3, 7, 11))
    array = algorithm.make_buffer()
    gpu.fill(array, values(comm.rank, 231).reshape(3, 7, 11))
    algorithm.run(array, array)
    got = gpu.to_host(array)
    parallel_assert(comm, np.array_equal(got.ravel(), total(comm, 231)), str(got))


@pytest.mark.parametrize("count", SIZES)
def test_arrays_of_the_pool_are_copied(comm, gpu, prepare, count):
    algorithm = prepare(count)
    for turn in range(ROUNDS):
        sendbuf = gpu.from_host(values(comm.rank, count))
        recvbuf = gpu.from_host(np.full(count, np.nan))
        algorithm.run(sendbuf, recvbuf)
        got = gpu.to_host(recvbuf)
        parallel_assert(comm, np.array_equal(got, total(comm, count)), str(got))
        parallel_assert(comm, algorithm.copied == 16 * count * (turn + 1))


@pytest.mark.parametrize("own", [True, False])
def test_a_late_kernel_is_waited_for(comm, gpu, prepare, own):
    """The input is made in a stream that the default stream does not wait for."""
    count = 100_001
    algorithm = prepare(count)
    stream = gpu.new_stream()
    for turn in range(ROUNDS):
        with gpu.on(stream):
            array = algorithm.make_buffer() if own else gpu.from_host(np.zeros(count), stream)
            gpu.fill_late(array, turn + values(comm.rank, count), stream)
            algorithm.run(array, array)
            got = gpu.to_host(array)
        right = comm.size * turn + total(comm, count)
        parallel_assert(comm, np.array_equal(got, right), str(got))


def test_memory_is_given_back(comm, gpu, make_case):
    """Of 20 algorithms, one at a time, not more is left than of one."""
    driver, count = load_driver(), 1_000_003

    def use():
        algorithm = Ipc(make_case(count))
        algorithm.connect()
        array = algorithm.make_buffer()
        algorithm.run(array, array)
        algorithm.free()

    def free_memory():
        comm.Barrier()
        with driver.on(make_case(1).device.ordinal):
            free = driver.free_memory()[0]
        comm.Barrier()
        return free

    use()
    before = free_memory()
    for _ in range(20):
        use()
    lost = before - free_memory()
    parallel_assert(comm, lost < 5 * 24 * count, f"{lost} B of device memory are lost")
