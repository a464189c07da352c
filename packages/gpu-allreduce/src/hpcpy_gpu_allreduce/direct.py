"""``direct``: MPI's own Allreduce of device memory, where that was proven to work."""

from hpcpy_core import whole_messages
from hpcpy_core.device import Array
from hpcpy_core.device_memory import device_memory
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
        sent, received = device_memory(sendbuf), device_memory(recvbuf, filled=True)
        whole_messages.allreduce(self.case.comm, sent, received, self.case.reduction.op)
