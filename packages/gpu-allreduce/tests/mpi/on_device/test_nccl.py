"""What NCCL is given, and when it is refused: here something else of its interface is called."""

import sys
import warnings
from types import SimpleNamespace

import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core.device import CPU
from hpcpy_core.errors import HpcpyError
from hpcpy_gpu_allreduce.nccl import SHARES_A_GPU, Nccl
from hpcpy_gpu_allreduce.registry import explain_refusal
from hpcpy_testing.assertions import parallel_assert, parallel_raises
from hpcpy_testing.emulated_driver import Stream

pytestmark = pytest.mark.mpi

TYPES = {0: "i1", 1: "u1", 2: "i4", 3: "u4", 4: "i8", 5: "u8", 6: "f2", 7: "f4", 8: "f8"}
"""The numbers of NCCL's header, in whose place `DATATYPES` gives names."""
DATATYPES = ("INT8", "UINT8", "INT32", "UINT32", "INT64", "UINT64", "FLOAT16", "FLOAT32", "FLOAT64")
OPERATIONS = {"SUM": MPI.SUM, "PROD": MPI.PROD, "MAX": MPI.MAX, "MIN": MPI.MIN}


class Communicator:
    """Reduces through the host what is in device memory, in the stream that it is given."""

    def __init__(self, nccl, comm, size, token, rank):
        assert (size, rank) == (comm.size, comm.rank)
        assert token == b"made by rank 0"
        self.nccl, self.comm, self.destroyed = nccl, comm, False
        nccl.communicators.append(self)

    def allReduce(self, sendbuf, recvbuf, count, datatype, op, stream):  # noqa: N802 - NCCL's name
        driver, mine = self.nccl.driver, np.empty(count, TYPES[datatype])
        self.nccl.streams.append(stream)
        driver.copy_to_host(mine.ctypes.data, sendbuf, mine.nbytes, stream)
        total = np.empty_like(mine)
        self.comm.Allreduce(mine, total, op=list(OPERATIONS.values())[op])
        driver.copy_to_device(recvbuf, total.ctypes.data, total.nbytes, stream)

    def destroy(self):
        self.destroyed = True


@pytest.fixture
def nccl(comm, gpu, monkeypatch):
    """Put NCCL's interface where `from cupy.cuda import nccl` finds it."""
    numbers = {f"NCCL_{name}": number for number, name in enumerate(DATATYPES)}
    numbers |= {f"NCCL_{name}": number for number, name in enumerate(OPERATIONS)}
    made = SimpleNamespace(
        available=True,
        get_version=lambda: SHARES_A_GPU,
        get_unique_id=lambda: b"made by rank 0" if comm.rank == 0 else b"wrong",
        NcclCommunicator=lambda *given: Communicator(made, comm, *given),
        driver=gpu.driver,
        communicators=[],
        streams=[],
        **numbers,
    )
    monkeypatch.setattr(sys.modules["cupy.cuda"], "nccl", made, raising=False)
    return made


@pytest.mark.parametrize(
    ("dtype", "operation"),
    [("i1", "max"), ("u4", "prod"), ("i8", "min"), ("f4", "sum"), ("f8", "prod"), ("c8", "sum")],
)
@pytest.mark.parametrize("in_place", [False, True])
def test_values(comm, gpu, nccl, make_case, dtype, operation, in_place):
    case = make_case(7, dtype, operation)
    algorithm = Nccl(case)
    algorithm.connect()
    mine = (np.arange(7) + comm.rank + (1j if dtype == "c8" else 0)).astype(dtype)
    sendbuf = gpu.array(mine)
    recvbuf = sendbuf if in_place else gpu.array(np.zeros(7, dtype))
    algorithm.run(sendbuf, recvbuf)
    right = np.empty_like(mine)
    comm.Allreduce(mine, right, op=case.reduction.op)
    parallel_assert(comm, np.array_equal(recvbuf.get(), right), str(recvbuf.get()))
    parallel_assert(comm, nccl.streams == [gpu.stream.handle])
    algorithm.free()
    parallel_assert(comm, nccl.communicators[0].destroyed)


def test_an_input_of_another_stream_is_waited_for(comm, gpu, nccl, make_case):
    algorithm = Nccl(make_case(3))
    algorithm.connect()
    sendbuf, recvbuf = gpu.array(np.zeros(3)), gpu.array(np.zeros(3))
    sendbuf.stream = Stream(non_blocking=True)
    sendbuf.launch(lambda items: items.fill(1))
    algorithm.run(sendbuf, recvbuf)
    parallel_assert(comm, (recvbuf.get() == comm.size).all(), str(recvbuf.get()))


def test_two_ranks_on_one_gpu(comm, gpu, nccl, make_case):
    """An older NCCL refuses them, and all ranks say so before it is asked."""
    nccl.get_version = lambda: SHARES_A_GPU - 91
    reason = explain_refusal("nccl", make_case(3))
    expected = "NCCL 2.29 takes one rank for each GPU, and ranks 0 and 1 have the same"
    parallel_assert(comm, reason == (expected if comm.size > 1 else None), str(reason))
    nccl.get_version = lambda: SHARES_A_GPU
    parallel_assert(comm, explain_refusal("nccl", make_case(3)) is None)


def test_what_nccl_says_is_told(comm, gpu, nccl, make_case):
    def fail(*given):
        raise RuntimeError("NCCL_ERROR_SYSTEM_ERROR: unhandled system error")

    nccl.NcclCommunicator = fail
    with parallel_raises(comm, HpcpyError, match="connect the GPUs: NCCL_ERROR_SYSTEM_ERROR"):
        Nccl(make_case(3)).connect()


def test_what_is_not_possible_is_refused(gpu, nccl, make_case):
    assert Nccl.refuse(make_case(3)) is None
    assert Nccl.refuse(make_case(3, "c16")) is None
    assert Nccl.refuse(make_case(3, "c16", "prod")) == "NCCL has no MPI.PROD of complex128"
    assert Nccl.refuse(make_case(3, "i2")) == "NCCL has no int16"


def test_a_missing_library_is_a_reason_and_no_warning(gpu, nccl, make_case, monkeypatch):
    nccl.available = False
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        reason = Nccl.refuse(make_case(3))
    assert "pip install nvidia-nccl-cu13" in reason


def test_host_arrays_are_refused(gpu, make_case):
    assert (
        Nccl.refuse(make_case(3, device=CPU)) == "it needs a GPU, and the arrays are in host memory"
    )
