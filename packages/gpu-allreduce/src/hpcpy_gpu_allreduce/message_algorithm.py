"""What the algorithms that are made of messages have in common."""

from abc import abstractmethod

from hpcpy_core.device import Array
from hpcpy_gpu_allreduce.algorithm import Algorithm
from hpcpy_gpu_allreduce.case import Case
from hpcpy_gpu_allreduce.messages import Messages

__all__ = ["MessageAlgorithm"]


class MessageAlgorithm(Algorithm):
    """An algorithm that needs point-to-point messages and the reduction of two arrays only.

    So it is possible for every dtype, on every device, over every transport.
    """

    def __init__(self, case: Case) -> None:
        super().__init__(case)
        self.messages = Messages(case)

    @classmethod
    def refuse(cls, case: Case) -> str | None:
        """Refuse nothing."""
        return None

    def run(self, sendbuf: Array, recvbuf: Array) -> None:
        """Reduce flat arrays between two ranks or more; one rank alone has its result."""
        mine, into = self.case.flatten(sendbuf), self.case.flatten(recvbuf)
        if self.case.comm.size > 1:
            self.pass_messages(mine, into)
        else:
            into[...] = mine

    @abstractmethod
    def pass_messages(self, mine: Array, into: Array) -> None:
        """Reduce the flat arrays `mine` of all ranks to `into`. Collective over case.comm.

        Both may be the same memory.
        """
