"""The device's own clock: how long a GPU took, by events in its stream."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from mpi4py import MPI

from hpcpy_core.device import Device
from hpcpy_core.timing import Timing

__all__ = ["DeviceClock"]


class DeviceClock:
    """Times blocks of calls on a GPU; on a CPU there is no other clock than the host's.

    Attributes
    ----------
    seconds
        Of each block so far.
    """

    def __init__(self, device: Device) -> None:
        self.seconds: list[float] = []
        self._on_gpu = device.kind == "gpu"

    @contextmanager
    def block(self) -> Iterator[None]:
        """Time what is done in the block; at its end the device has done it. Local."""
        if not self._on_gpu:
            yield
            return
        import cupy

        begin, end = cupy.cuda.Event(), cupy.cuda.Event()
        begin.record()
        yield
        end.record()
        end.synchronize()
        self.seconds.append(1e-3 * cupy.cuda.get_elapsed_time(begin, end))

    def timing(self, comm: MPI.Intracomm, calls: int, *, skip: int) -> Timing | None:
        """Return the seconds of one call, each the slowest rank's. Collective over comm.

        Parameters
        ----------
        comm
            All of its ranks have timed as many blocks.
        calls
            In each block.
        skip
            Blocks that do not count, the first ones.

        Returns
        -------
        Timing or None
            None on a CPU.
        """
        if not self._on_gpu:
            return None
        slowest = np.array(self.seconds[skip:]) / calls
        comm.Allreduce(MPI.IN_PLACE, slowest, op=MPI.MAX)
        return Timing(seconds=tuple(slowest.tolist()))
