"""NCCL's results, or the reason why it is not possible here."""

import numpy as np
import pytest

from hpcpy_core.errors import InputError
from hpcpy_gpu_allreduce.nccl import TYPES, Nccl
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi


def values(dtype, rank):
    return (np.arange(1001) % 5 + rank + 1).astype(dtype)


@pytest.mark.parametrize("dtype", [*TYPES, "complex64"])
def test_it_sums_or_says_why_not(comm, gpu, make_case, dtype):
    case = make_case(1001, dtype)
    try:
        reason = Nccl.refuse(case)
    except ImportError as missing:
        reason = f"{missing.name} is not installed"
    parallel_assert(comm, comm.allreduce(reason is None) in (0, comm.size), f"{reason}")
    if reason is not None:
        assert "NCCL" in reason or "cupy" in reason
        return
    algorithm = Nccl(case)
    try:
        algorithm.connect()
    except InputError as refused:
        reason = str(refused)
    if reason is not None:
        assert "takes one rank for each GPU" in reason
        return
    sendbuf, recvbuf = gpu.from_host(values(dtype, comm.rank)), gpu.from_host(values(dtype, 99))
    for into in (recvbuf, sendbuf):
        algorithm.run(sendbuf, into)
        right = sum(values(dtype, rank) for rank in range(comm.size)).astype(dtype)
        parallel_assert(comm, np.array_equal(gpu.to_host(into), right), f"{gpu.to_host(into)[:5]}")
    algorithm.free()
