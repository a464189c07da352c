"""``host``: MPI's own Allreduce, of NumPy arrays."""

from hpcpy_core import whole_messages
from hpcpy_core.device import Array
from hpcpy_core.host_memory import host_memory
from hpcpy_gpu_allreduce.algorithm import Algorithm
from hpcpy_gpu_allreduce.case import Case
from hpcpy_gpu_allreduce.explain_lack import explain_lack

__all__ = ["Host"]


class Host(Algorithm):
    """The library chooses the algorithm, by size and ranks.

    MPI only recommends that the result be the same on all ranks and in every run; the tests of
    this package see that it is.
    """

    @classmethod
    def refuse(cls, case: Case) -> str | None:
        """Refuse device arrays, and what this MPI cannot reduce."""
        if case.device.kind != "cpu":
            return "arrays are on the device, and this hands host memory to MPI"
        return explain_lack(case.dtype, case.reduction)

    def run(self, sendbuf: Array, recvbuf: Array) -> None:
        """Call MPI."""
        sent, received = host_memory(sendbuf), host_memory(recvbuf, filled=True)
        whole_messages.allreduce(self.case.comm, sent, received, self.case.reduction.op)
