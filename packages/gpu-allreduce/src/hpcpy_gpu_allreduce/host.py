"""``host``: MPI's own Allreduce, of NumPy arrays."""

from mpi4py import MPI

from hpcpy_core import repeat_datatype, whole_messages
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
        comm, op = self.case.comm, self.case.reduction.op
        if self.case.count <= repeat_datatype.LARGEST_COUNT:
            comm.Allreduce(MPI.IN_PLACE if sendbuf is recvbuf else sendbuf, recvbuf, op=op)
        else:
            whole_messages.allreduce(comm, host_memory(sendbuf), host_memory(recvbuf), op)
