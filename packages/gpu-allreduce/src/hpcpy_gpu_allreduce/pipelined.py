"""``pipelined``: staged in chunks, so that copies go on while MPI reduces.

    to the host    chunk 0   chunk 1   chunk 2
    Allreduce                chunk 0   chunk 1   chunk 2
    to the device                      chunk 0   chunk 1   chunk 2

The slowest of the three sets the pace.
"""

from mpi4py import MPI

from hpcpy_core.device import Array
from hpcpy_gpu_allreduce.algorithm import Algorithm
from hpcpy_gpu_allreduce.case import Case
from hpcpy_gpu_allreduce.staged import STAGED, refuse_staging

__all__ = ["Pipelined"]


class Pipelined(Algorithm):
    """The transport's own Allreduce: pinned double buffers, and a stream for each direction."""

    @classmethod
    def refuse(cls, case: Case) -> str | None:
        """Refuse host arrays, and what this MPI cannot reduce."""
        return refuse_staging(case)

    def run(self, sendbuf: Array, recvbuf: Array) -> None:
        """Let the transport do it."""
        source = MPI.IN_PLACE if sendbuf is recvbuf else sendbuf
        STAGED.Allreduce(self.case.comm, source, recvbuf, op=self.case.reduction.op)
