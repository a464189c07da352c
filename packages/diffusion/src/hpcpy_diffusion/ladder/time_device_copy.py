"""Time copies in device memory: the mark that one sweep over it per step cannot pass."""

from dataclasses import dataclass
from time import perf_counter

import numpy as np
from mpi4py import MPI

from hpcpy_core.allocating import allocating
from hpcpy_core.decomposition import split_evenly
from hpcpy_core.device import Device
from hpcpy_core.timing import max_over_ranks
from hpcpy_diffusion.ladder.free_memory import free_memory
from hpcpy_diffusion.parameters import Parameters

__all__ = ["LEAST", "TimedDeviceCopy"]

LEAST = 256 << 20
"""Bytes that a rank copies at least: several times what a GPU's cache holds."""


@dataclass(frozen=True, kw_only=True)
class TimedDeviceCopy:
    """Copies of an array of the field's size from device to device; call it with their number.

    As `hpcpy_diffusion.ladder.time_copy.TimedCopy`, but a small field's copy would stay in
    the cache, whose speed is not the roof: so it is `LEAST` bytes then.
    """

    parameters: Parameters
    comm: MPI.Intracomm
    device: Device

    @property
    def items(self) -> int:
        """How many a copy has, on all ranks together."""
        return sum(self._share(rank) for rank in range(self.comm.size))

    def __call__(self, copies: int) -> float:
        """Return the slowest rank's seconds for its share of so many copies. Collective."""
        cupy, own = self.device.xp, self._share(self.comm.rank)
        stream = cupy.cuda.Stream(non_blocking=True)
        cure = "use more GPUs, a larger dx, or float32"
        with (
            allocating(self.comm, self.device, f"two arrays of {own} items to copy", cure),
            stream,
        ):
            source = cupy.ones(own, self.parameters.dtype)
            target = cupy.zeros_like(source)
            target[...] = source
            stream.synchronize()
        self.comm.Barrier()
        start = perf_counter()
        with stream:
            for _ in range(copies):
                target[...] = source
            stream.synchronize()
        seconds = perf_counter() - start
        del source, target
        free_memory(self.device)
        return max_over_ranks(self.comm, seconds)

    def _share(self, rank: int) -> int:
        begin, end = split_evenly(self.parameters.points**2, self.comm.size, rank)
        return max(end - begin, LEAST // np.dtype(self.parameters.dtype).itemsize)
