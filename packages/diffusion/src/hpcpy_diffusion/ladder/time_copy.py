"""Time copies of a field: the mark that one sweep over memory per step cannot pass."""

from dataclasses import dataclass
from time import perf_counter

import numpy as np
from mpi4py import MPI

from hpcpy_core.decomposition import split_evenly
from hpcpy_core.timing import max_over_ranks
from hpcpy_diffusion.parameters import Parameters

__all__ = ["TimedCopy"]


@dataclass(frozen=True, kw_only=True)
class TimedCopy:
    """Copies of an array of the field's size by `numpy.copyto`; call it with a number of them.

    A copy reads and writes each item once, as a time step does that sweeps over the field
    once: so items copied per second and cells updated per second can be put side by side.
    """

    parameters: Parameters
    comm: MPI.Intracomm

    @property
    def items(self) -> int:
        """How many a copy has, on all ranks together."""
        return self.parameters.points**2

    def __call__(self, copies: int) -> float:
        """Return the slowest rank's seconds for its share of so many copies. Collective."""
        begin, end = split_evenly(self.items, self.comm.size, self.comm.rank)
        source = np.ones(end - begin, dtype=self.parameters.dtype)
        target = np.zeros_like(source)
        target[...] = source  # no page is touched first while timed
        self.comm.Barrier()
        start = perf_counter()
        for _ in range(copies):
            np.copyto(target, source)
        return max_over_ranks(self.comm, perf_counter() - start)
