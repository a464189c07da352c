"""``nccl``: NVIDIA's library for collectives between GPUs, as CuPy brings it.

It needs a GPU for each rank: before version 2.30 it refuses two ranks on one.
"""

import warnings
from collections.abc import Sequence
from typing import Any

from hpcpy_core.agreement import agreed
from hpcpy_core.cuda_driver import load_driver
from hpcpy_core.device import Array
from hpcpy_core.errors import HpcpyError
from hpcpy_gpu_allreduce.algorithm import Algorithm
from hpcpy_gpu_allreduce.case import Case
from hpcpy_gpu_allreduce.on_device_array import address_of, find_ordinal, stream_of

__all__ = ["Nccl"]

TYPES = {
    **{"int8": "INT8", "uint8": "UINT8", "int32": "INT32", "uint32": "UINT32"},
    **{"int64": "INT64", "uint64": "UINT64"},
    **{"float16": "FLOAT16", "float32": "FLOAT32", "float64": "FLOAT64"},
}
"""NCCL's name of each dtype that it has."""
PARTS = {"complex64": "FLOAT32", "complex128": "FLOAT64"}
"""Of complex numbers it has the parts, which a sum adds one by one."""
SHARES_A_GPU = 23000
"""The first version, as NCCL counts them, that takes several ranks on one GPU: 2.30."""


class Nccl(Algorithm):
    """NCCL's own Allreduce, in CuPy's current stream.

    The work is done behind what is in that stream, and before what comes into it next.
    """

    def __init__(self, case: Case) -> None:
        super().__init__(case)
        self._driver, self._nccl = load_driver(), load_nccl()
        self._device = find_ordinal(case.device, self._driver)
        self._op = getattr(self._nccl, f"NCCL_{case.reduction.name.upper()}")
        name = PARTS.get(case.dtype.name) or TYPES[case.dtype.name]
        self._type = getattr(self._nccl, f"NCCL_{name}")
        self._count = case.count * (2 if case.dtype.kind == "c" else 1)

    @classmethod
    def refuse(cls, case: Case) -> str | None:
        """Refuse host arrays, a missing library, what it has not, and ranks that share a GPU."""
        if case.device.kind != "gpu":
            return "it needs a GPU, and the arrays are in host memory"
        if case.dtype.name in PARTS and case.reduction.name != "sum":
            return f"NCCL has no {case.reduction} of {case.dtype}"
        if case.dtype.name not in TYPES | PARTS:
            return f"NCCL has no {case.dtype}"
        lack, gpu = explain_lack(), None
        if lack is None:
            driver = load_driver()
            gpu = driver.device_uuid(find_ordinal(case.device, driver))
        gpus: list[str | None] = case.comm.allgather(gpu)
        return lack if None in gpus else explain_sharing(gpus, case.comm.rank)

    def connect(self) -> None:
        """Make NCCL's communicator of the ranks."""
        comm = self.case.comm
        with agreed(comm):
            token = self._nccl.get_unique_id() if comm.rank == 0 else None
        token = comm.bcast(token)
        with agreed(comm), self._driver.on(self._device):
            try:
                self._communicator = self._nccl.NcclCommunicator(comm.size, token, comm.rank)
            except RuntimeError as error:  # CuPy's NcclError
                raise HpcpyError(
                    f"NCCL cannot connect the GPUs: {error}. With NCCL_DEBUG=INFO in the "
                    "environment it says why; or use algorithm='staged'"
                ) from error

    def run(self, sendbuf: Array, recvbuf: Array) -> None:
        """Call NCCL; it is not waited for."""
        made_in, stream = stream_of(sendbuf), stream_of(recvbuf)
        with self._driver.on(self._device):
            if made_in != stream:
                self._driver.synchronize(made_in)
            addresses = (address_of(sendbuf), address_of(recvbuf))
            self._communicator.allReduce(*addresses, self._count, self._type, self._op, stream)

    def free(self) -> None:
        """Give up NCCL's communicator. Collective over case.comm."""
        self._communicator.destroy()


def explain_lack() -> str | None:
    """Return why NCCL cannot be called from this rank, or None. Local."""
    try:
        available = load_nccl().available
    except ImportError as error:
        return f"{error.name or error} is not installed"
    if not available:
        return "CuPy cannot load NCCL here: `pip install nvidia-nccl-cu13`, or -cu12 by CUDA"
    return None


def explain_sharing(gpus: Sequence[str | None], rank: int) -> str | None:
    """Return that a lower rank has this rank's GPU, which NCCL would tell less clearly. Local."""
    version: int = load_nccl().get_version()
    first = gpus.index(gpus[rank])
    if first == rank or version >= SHARES_A_GPU:
        return None
    return (
        f"NCCL {version // 10000}.{version // 100 % 100} takes one rank for each GPU, and ranks "
        f"{first} and {rank} have the same"
    )


def load_nccl() -> Any:  # noqa: ANN401 - CuPy's module
    """Return CuPy's module of NCCL, whose `available` says whether the library was found. Local."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # CuPy warns of a missing library, and we say it ourselves
        from cupy.cuda import nccl
    return nccl
