"""``pipelined``: staged in chunks, so that copies go on while MPI reduces.

    to the host    chunk 0   chunk 1   chunk 2   chunk 3
    Iallreduce               chunk 0   chunk 1   chunk 2   chunk 3
    to the device                      chunk 0   chunk 1   chunk 2   chunk 3

Nothing of it blocks, so the slowest of the three sets the pace. MPI is given the next chunk
before it has done the last one, wherever that was copied in time.
"""

from hpcpy_core import staged_collectives
from hpcpy_core.device import Array
from hpcpy_core.device_memory import device_memory
from hpcpy_gpu_allreduce.algorithm import Algorithm
from hpcpy_gpu_allreduce.case import Case
from hpcpy_gpu_allreduce.staged import refuse_staging

__all__ = ["Pipelined"]


class Pipelined(Algorithm):
    """The staged transport's own Allreduce: two page-locked chunks and a stream for each direction.

    An array of one chunk has nothing to overlap, and is reduced by one blocking call.
    """

    @classmethod
    def refuse(cls, case: Case) -> str | None:
        """Refuse host arrays, and what this MPI cannot reduce."""
        return refuse_staging(case)

    def run(self, sendbuf: Array, recvbuf: Array) -> None:
        """Let core do it, as its transport does."""
        sent, received = device_memory(sendbuf), device_memory(recvbuf, filled=True)
        staged_collectives.allreduce(self.case.comm, sent, received, self.case.reduction.op)
