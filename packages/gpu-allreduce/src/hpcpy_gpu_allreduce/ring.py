"""``ring``: each rank talks to its two neighbours only, and sends 2 (P-1)/P of its data.

    rank      0        1        2
            a0 b0 c0  a1 b1 c1  a2 b2 c2    blocks a, b, c of each rank's array
    step 1  a0 ->     b1 ->     c2 ->       to the right, which adds its own
    step 2  c20 ->    a01 ->    b12 ->      now c is whole on rank 1, a on 2, b on 0
    step 3  b ->      c ->      a ->        and whole blocks go round
    step 4  a ->      b ->      c ->

Each rank gives and takes as much in every step, so no rank is late by design.
"""

from hpcpy_core.decomposition import split_evenly
from hpcpy_core.device import Array
from hpcpy_gpu_allreduce.case import Case
from hpcpy_gpu_allreduce.message_algorithm import MessageAlgorithm

__all__ = ["Ring"]


class Ring(MessageAlgorithm):
    """A reduce-scatter round the ring, then an allgather round it: 2 (P-1) steps.

    Each item is combined along one chain of ranks, so the result is the same on all of them.
    P. Patarasuk, X. Yuan, "Bandwidth optimal all-reduce algorithms for clusters of workstations",
    J. Parallel Distrib. Comput. 69 (2009) 117-124.
    """

    def __init__(self, case: Case) -> None:
        super().__init__(case)
        ranks = case.comm.size
        self._blocks = [slice(*split_evenly(case.count, ranks, rank)) for rank in range(ranks)]

    def pass_messages(self, mine: Array, into: Array) -> None:
        """Go round the ring twice."""
        rank, ranks = self.case.comm.rank, self.case.comm.size
        right, left = (rank + 1) % ranks, (rank - 1) % ranks
        partial = mine
        for step in range(ranks - 1):
            give, take = self._block(rank - step), self._block(rank - step - 1)
            self.messages.exchange_and_combine(partial[give], right, mine[take], into[take], left)
            partial = into
        for step in range(ranks - 1):
            give, take = self._block(rank + 1 - step), self._block(rank - step)
            self.messages.exchange(into[give], right, into[take], left)

    def _block(self, index: int) -> slice:
        return self._blocks[index % len(self._blocks)]
