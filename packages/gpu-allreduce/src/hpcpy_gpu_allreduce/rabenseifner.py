"""``rabenseifner``: halves, quarters, eighths, and back: 2 lg P steps, 2 (P-1)/P of the data.

    rank    0       1       2       3
            abcd    abcd    abcd    abcd    each rank's array
    step 1  ab      cd      ab      cd      0 and 1 exchange halves, 2 and 3 too
    step 2  a       c       b       d       0 and 2 exchange quarters, 1 and 3 too: all summed
    step 3  ab      cd      ab      cd      the same way back, whole parts
    step 4  abcd    abcd    abcd    abcd

Ranks in excess of a power of two hand their arrays to a neighbour first.
"""

from hpcpy_core.decomposition import split_evenly
from hpcpy_core.device import Array
from hpcpy_gpu_allreduce.case import Case
from hpcpy_gpu_allreduce.message_algorithm import MessageAlgorithm
from hpcpy_gpu_allreduce.messages import NOBODY
from hpcpy_gpu_allreduce.power_of_two import PowerOfTwo

__all__ = ["Rabenseifner"]


class Rabenseifner(MessageAlgorithm):
    """A reduce-scatter by recursive halving, then an allgather by recursive doubling.

    R. Thakur, R. Rabenseifner and W. Gropp, "Optimization of Collective Communication Operations
    in MPICH", Int. J. High Performance Computing Applications 19 (2005) 49-66. Ranks beyond a
    power of two hand their arrays over, which costs two whole messages more.
    """

    def __init__(self, case: Case) -> None:
        super().__init__(case)
        self._group = PowerOfTwo(rank=case.comm.rank, ranks=case.comm.size)

    def pass_messages(self, mine: Array, into: Array) -> None:
        """Halve and double."""
        group, messages = self._group, self.messages
        if group.stands_by:
            messages.send(mine, group.partner)
            messages.exchange(into[:0], NOBODY, into, group.partner)
            return
        if group.partner != NOBODY:
            messages.combine(mine, into, group.partner)
            mine = into
        steps = self._plan()
        for other, keep, give in steps:
            messages.exchange_and_combine(mine[give], other, mine[keep], into[keep], other)
            mine = into
        for other, have, lack in reversed(steps):
            messages.exchange(into[have], other, into[lack], other)
        messages.exchange(into, group.partner, into[:0], NOBODY)

    def _plan(self) -> list[tuple[int, slice, slice]]:
        """Return for each halving the other rank, and the part that each of the two keeps."""
        start, stop = 0, self.case.count
        steps = []
        for distance in self._group.distances():
            half = (self._group.position & distance) // distance
            keep, give = (self._part(start, stop, index) for index in (half, 1 - half))
            steps.append((self._group.rank_of(self._group.position ^ distance), keep, give))
            start, stop = keep.start, keep.stop
        return steps

    def _part(self, start: int, stop: int, index: int) -> slice:
        first, last = split_evenly(stop - start, 2, index)
        return slice(start + first, start + last)
