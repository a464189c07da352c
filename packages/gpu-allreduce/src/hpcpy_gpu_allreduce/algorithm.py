"""What an algorithm is: made ready once for a case, then run as often as wanted."""

from abc import ABC, abstractmethod

from hpcpy_core.device import Array
from hpcpy_gpu_allreduce.case import Case

__all__ = ["Algorithm"]


class Algorithm(ABC):
    """An algorithm made ready for one case: its buffers, handles and communicators.

    It is made only where `refuse` found no reason on any rank. Making one is local: it
    allocates, and may fail on this rank alone. `connect` then is collective.
    """

    def __init__(self, case: Case) -> None:
        self.case = case

    @classmethod
    @abstractmethod
    def refuse(cls, case: Case) -> str | None:
        """Return why this rank finds the algorithm not possible, or None. Collective."""

    def connect(self) -> None:  # noqa: B027 - most need nobody to be ready
        """Make communicators, exchange handles. Collective over case.comm."""

    @abstractmethod
    def run(self, sendbuf: Array, recvbuf: Array) -> None:
        """Reduce the arrays of all ranks into everybody's `recvbuf`. Collective over case.comm.

        Parameters
        ----------
        sendbuf, recvbuf
            C-ordered, of the case's shape and dtype, on its device, with one item at least. They
            are the same object, or share no memory.
        """

    def make_buffer(self) -> Array:
        """Return an array for `run`, on the case's device, in the memory that suits best. Local."""
        made: Array = self.case.device.xp.zeros(self.case.shape, self.case.dtype)
        return made

    def free(self) -> None:  # noqa: B027 - most own nothing that must be given back
        """Give back what was made. Collective over case.comm."""
