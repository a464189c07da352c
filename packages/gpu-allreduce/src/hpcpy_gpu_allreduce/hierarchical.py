"""``hierarchical``: through memory that the ranks of a node share; one of each speaks to others.

    node        0           1
    rank      0   1       2   3
    step 1    every rank copies a chunk into its slot of the node's shared memory
    step 2    every rank combines its part of all slots, into slot 0
    step 3    0 <> 2                    one rank of each node: MPI's Allreduce of slot 0
    step 4    every rank copies slot 0

The chunk is still in the cache of the node when it is combined and copied.
"""

from mpi4py import MPI

from hpcpy_core.decomposition import split_evenly
from hpcpy_core.device import Array
from hpcpy_gpu_allreduce.algorithm import Algorithm
from hpcpy_gpu_allreduce.case import Case
from hpcpy_gpu_allreduce.explain_lack import explain_lack
from hpcpy_gpu_allreduce.levels import split_levels
from hpcpy_gpu_allreduce.shared_block import map_shared_block

__all__ = ["CHUNK", "Hierarchical"]

CHUNK = 1 << 18
"""Bytes of a slot: those of all ranks of a node fit into its cache."""

LINE = 64
"""Bytes of a cache line, to which no two ranks should write."""


class Hierarchical(Algorithm):
    """Two halves of the shared memory in turn, so that a chunk needs two barriers, not three.

    A rank fills a slot again when all have passed the barriers of the other half, and so have
    copied what was in this one.
    """

    def __init__(self, case: Case) -> None:
        super().__init__(case)
        self._turn = 0
        self._step = max(1, min(CHUNK // case.dtype.itemsize, case.count))

    @classmethod
    def refuse(cls, case: Case) -> str | None:
        """Refuse device arrays, and what MPI cannot reduce between nodes."""
        if case.device.kind != "cpu":
            return "it shares host memory, and the arrays are on the device"
        return explain_lack(case.dtype, case.reduction) if case.nodes > 1 else None

    def connect(self) -> None:
        """Find the ranks of this node, and map the memory that they share."""
        self._levels = split_levels(self.case.comm)
        node, length = self._levels.node, self._step * self.case.dtype.itemsize
        slot = -(-length // LINE) * LINE
        block = map_shared_block(self.case.comm, node, 2 * node.size * slot)
        slots = block.reshape(2, node.size, slot)[:, :, :length]
        self._halves = slots.view(self.case.dtype)

    def run(self, sendbuf: Array, recvbuf: Array) -> None:
        """Chunk by chunk: in, combine, between nodes, out."""
        mine, into = self.case.flatten(sendbuf), self.case.flatten(recvbuf)
        for start in range(0, self.case.count, self._step):
            chunk = slice(start, start + self._step)
            self._reduce_chunk(mine[chunk], into[chunk], self._halves[self._turn])
            self._turn = 1 - self._turn  # also from one run to the next

    def free(self) -> None:
        """Free the communicators; the memory goes with its last array."""
        del self._halves
        self._levels.free()

    def _reduce_chunk(self, mine: Array, into: Array, slots: Array) -> None:
        node, leaders = self._levels.node, self._levels.leaders
        slots = slots[:, : mine.size]
        slots[node.rank] = mine
        node.Barrier()
        part = slice(*split_evenly(mine.size, node.size, node.rank))
        total = slots[0, part]
        for slot in slots[1:, part]:
            self.case.combine(total, slot, total)
        node.Barrier()
        if self.case.nodes > 1:
            if leaders is not None:
                leaders.Allreduce(MPI.IN_PLACE, slots[0], op=self.case.reduction.op)
            node.Barrier()
        into[...] = slots[0]
