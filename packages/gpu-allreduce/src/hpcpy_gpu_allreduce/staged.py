"""``staged``: the whole array to the host, MPI's own Allreduce there, and back."""

from hpcpy_core import whole_messages
from hpcpy_core.device import Array
from hpcpy_core.host_memory import host_memory
from hpcpy_core.transport import Transport
from hpcpy_gpu_allreduce.algorithm import Algorithm
from hpcpy_gpu_allreduce.case import Case
from hpcpy_gpu_allreduce.explain_lack import explain_lack

__all__ = ["STAGED", "Staged", "refuse_staging"]

STAGED = Transport(name="staged", reason="this algorithm stages")


class Staged(Algorithm):
    """One step after the other: nothing overlaps, which is what `Pipelined` mends."""

    @classmethod
    def refuse(cls, case: Case) -> str | None:
        """Refuse host arrays, and what this MPI cannot reduce."""
        return refuse_staging(case)

    def run(self, sendbuf: Array, recvbuf: Array) -> None:
        """Copy, reduce, copy."""
        comm, op = self.case.comm, self.case.reduction.op
        if sendbuf is recvbuf:
            with STAGED.buffer(recvbuf, "reduction") as both:
                whole_messages.allreduce(comm, host_memory(both), host_memory(both), op)
        else:
            with (
                STAGED.sendbuf(sendbuf, "reduction") as mine,
                STAGED.recvbuf(recvbuf, "reduction") as into,
            ):
                whole_messages.allreduce(comm, host_memory(mine), host_memory(into), op)


def refuse_staging(case: Case) -> str | None:
    """Return why host memory cannot stand in for device memory, or None. Local."""
    if case.device.kind != "gpu":
        return "it needs a GPU, and the arrays are in host memory"
    return explain_lack(case.dtype, case.reduction)
