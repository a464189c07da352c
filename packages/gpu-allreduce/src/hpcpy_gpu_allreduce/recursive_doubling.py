"""``recursive_doubling``: whole arrays at growing distance, for few bytes: lg P steps.

    rank    0    1    2    3
    step 1  0 <> 1    2 <> 3      each pair has the sum of two
    step 2  0 <> 2    1 <> 3      and now of four

Ranks in excess of a power of two hand their arrays to a neighbour first.
"""

from hpcpy_core.device import Array
from hpcpy_gpu_allreduce.case import Case
from hpcpy_gpu_allreduce.message_algorithm import MessageAlgorithm
from hpcpy_gpu_allreduce.messages import NOBODY
from hpcpy_gpu_allreduce.power_of_two import PowerOfTwo

__all__ = ["RecursiveDoubling"]


class RecursiveDoubling(MessageAlgorithm):
    """Every rank combines everything, always with the lower ranks first: the same everywhere."""

    def __init__(self, case: Case) -> None:
        super().__init__(case)
        self._group = PowerOfTwo(rank=case.comm.rank, ranks=case.comm.size)

    def pass_messages(self, mine: Array, into: Array) -> None:
        """Exchange and combine, lg P times."""
        group, messages = self._group, self.messages
        if group.stands_by:
            messages.send(mine, group.partner)
            messages.exchange(into[:0], NOBODY, into, group.partner)
            return
        if group.partner != NOBODY:
            messages.combine(mine, into, group.partner)
            mine = into
        for distance in group.distances():
            other = group.rank_of(group.position ^ distance)
            messages.exchange_and_combine(mine, other, mine, into, other)
            mine = into
        messages.exchange(into, group.partner, into[:0], NOBODY)
