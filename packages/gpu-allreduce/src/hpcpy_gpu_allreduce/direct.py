"""``direct``: MPI's own Allreduce of device memory, where that was proven to work."""

from mpi4py import MPI

from hpcpy_core.device import Array
from hpcpy_gpu_allreduce.algorithm import Algorithm
from hpcpy_gpu_allreduce.case import Case
from hpcpy_gpu_allreduce.explain_lack import explain_lack

__all__ = ["Direct"]


class Direct(Algorithm):
    """A CUDA-aware MPI takes the arrays as they are."""

    @classmethod
    def refuse(cls, case: Case) -> str | None:
        """Refuse host arrays, and an MPI whose reductions were not proven."""
        if case.device.kind != "gpu":
            return "it needs a GPU, and the arrays are in host memory"
        transport = case.device.transport
        if transport.way("reduction") != "direct":
            return (
                "MPI was not proven to reduce device memory here (transport "
                f"{transport.name}: {transport.reason})"
            )
        return explain_lack(case.dtype, case.reduction)

    def run(self, sendbuf: Array, recvbuf: Array) -> None:
        """Call MPI, once the work on the arrays is done."""
        source = MPI.IN_PLACE if sendbuf is recvbuf else sendbuf
        transport = self.case.device.transport
        transport.Allreduce(self.case.comm, source, recvbuf, op=self.case.reduction.op)
