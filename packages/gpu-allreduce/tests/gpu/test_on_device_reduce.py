"""The kernel gives NumPy's bits, for all dtypes and operations, on any address."""

import numpy as np
import pytest

from hpcpy_gpu_allreduce.on_device_array import address_of, stream_of
from hpcpy_gpu_allreduce.reduction import DTYPES, REDUCTIONS
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi

COUNT = 100_003
CASES = [
    (dtype, operation)
    for dtype in DTYPES
    for operation in REDUCTIONS
    if np.dtype(dtype).kind != "c" or operation in ("sum", "prod")
]


def values(dtype, rank):
    rng = np.random.default_rng(rank)
    if np.dtype(dtype).kind in "iu":
        info = np.iinfo(dtype)
        return rng.integers(info.min, info.max, COUNT, dtype, endpoint=True)
    # Small whole numbers: every product and sum of three is exact, also of complex numbers.
    made = rng.integers(-9, 9, COUNT) + (1j * rng.integers(-9, 9, COUNT) if dtype[0] == "c" else 0)
    return made.astype(dtype)


def reduced(hosts, operation):
    total = hosts[0].copy()
    for host in hosts[1:]:
        getattr(np, REDUCTIONS[operation].ufunc)(total, host, out=total)
    return total


@pytest.mark.parametrize("skipped", [0, 1])
@pytest.mark.parametrize(("dtype", "operation"), CASES)
def test_numpys_bits(comm, gpu, make_case, dtype, operation, skipped):
    """With the first item left out, an address is no multiple of 16, but for complex128."""
    make_case(1)  # takes this rank's GPU
    hosts = [values(dtype, rank) for rank in range(3)]
    read = [gpu.from_host(host) for host in hosts]
    written = [gpu.from_host(np.zeros(COUNT, dtype)) for _ in range(2)]
    stream = stream_of(written[0])
    begin = skipped * np.dtype(dtype).itemsize
    inputs, outputs = ([address_of(a) + begin for a in group] for group in (read, written))
    gpu.launch_reduce(inputs, outputs, COUNT - skipped, np.dtype(dtype), operation, stream)
    right = reduced(hosts, operation)
    right[:skipped] = 0
    for each in written:
        parallel_assert(comm, np.array_equal(gpu.to_host(each), right), f"{gpu.to_host(each)[:9]}")


@pytest.mark.parametrize(("inputs", "outputs"), [(1, 1), (1, 16), (2, 1), (16, 16)])
def test_any_number_of_arrays(comm, gpu, make_case, inputs, outputs):
    make_case(1)
    hosts = [values("float32", rank) for rank in range(inputs)]
    read = [gpu.from_host(host) for host in hosts]
    written = [gpu.from_host(np.zeros(COUNT, "f4")) for _ in range(outputs)]
    places = [[address_of(array) for array in group] for group in (read, written)]
    gpu.launch_reduce(*places, COUNT, np.dtype("f4"), "sum", stream_of(written[0]))
    for each in written:
        parallel_assert(comm, np.array_equal(gpu.to_host(each), reduced(hosts, "sum")))
