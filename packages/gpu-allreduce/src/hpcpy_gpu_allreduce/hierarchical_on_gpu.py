"""``hierarchical`` for device arrays: `ipc` or `nccl` in each node, one rank of each between.

    node        0           1
    rank      0   1       2   3
    step 1    0 + 1       2 + 3     on the devices of a node
    step 2    0 <> 2                MPI, from device memory or through host memory
    step 3    0 -> 1      2 -> 3    to the other ranks of the node

On one node it is what step 1 is.
"""

from collections.abc import Sequence
from dataclasses import replace

from hpcpy_core.agreement import agreed
from hpcpy_core.device import Array
from hpcpy_gpu_allreduce.algorithm import Algorithm
from hpcpy_gpu_allreduce.case import Case
from hpcpy_gpu_allreduce.choose import make
from hpcpy_gpu_allreduce.levels import split_levels
from hpcpy_gpu_allreduce.registry import ALGORITHMS, explain_refusal

__all__ = ["HierarchicalOnGpu"]

INSIDE = ("ipc", "nccl")
BETWEEN = ("direct", "pipelined", "rabenseifner")
"""The first one that is possible is taken; the last one always is."""


class HierarchicalOnGpu(Algorithm):
    """Two algorithms, one for each level."""

    @classmethod
    def refuse(cls, case: Case) -> str | None:
        """Refuse host arrays, and devices that no algorithm of a node can use."""
        if case.device.kind != "gpu":
            return "it needs a GPU, and the arrays are in host memory"
        inside = replace(case, nodes=1)
        reasons = {name: ALGORITHMS[name].load("gpu").refuse(inside) for name in INSIDE}
        if None in reasons.values():
            return None
        return "; ".join(f"no {name} inside the nodes: {why}" for name, why in reasons.items())

    def connect(self) -> None:
        """Find the ranks of this node, and make both levels ready."""
        case = self.case
        self._levels = split_levels(case.comm)
        node, leaders = self._levels.node, self._levels.leaders
        inside = replace(case, comm=node, nodes=1)
        prepared = [(_first_possible(INSIDE, inside), inside)]
        if case.nodes > 1 and leaders is not None:
            between = replace(case, comm=leaders, nodes=leaders.size)
            prepared.append((_first_possible(BETWEEN, between), between))
        with agreed(case.comm):
            self._ways = [make(name, level) for name, level in prepared]
        for way in self._ways:
            way.connect()

    def run(self, sendbuf: Array, recvbuf: Array) -> None:
        """In the nodes, between them, and back."""
        inside, *between = self._ways
        inside.run(sendbuf, recvbuf)
        for way in between:
            way.run(recvbuf, recvbuf)
        if self.case.nodes > 1:
            self.case.device.transport.Bcast(self._levels.node, recvbuf)

    def make_buffer(self) -> Array:
        """Return what suits the algorithm inside of the node."""
        return self._ways[0].make_buffer()

    def free(self) -> None:
        """Free both levels."""
        for way in self._ways:
            way.free()
        self._levels.free()


def _first_possible(names: Sequence[str], case: Case) -> str:
    """Return the algorithm to take, the same on all ranks. Collective over case.comm."""
    return next(name for name in names if explain_refusal(name, case) is None)
