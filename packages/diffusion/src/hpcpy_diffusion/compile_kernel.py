"""Let a compiled kernel compile before time is taken, on one rank of each node first."""

import numpy as np
from mpi4py import MPI

from hpcpy_core.agreement import agreed
from hpcpy_diffusion.field_pair import Extent
from hpcpy_diffusion.kernels import Kernel, Step
from hpcpy_diffusion.parameters import Parameters

__all__ = ["compile_kernel"]

SIDES = ((0, 0), (1, 1))
"""Halos before and after: code is compiled anew for arrays that are laid out otherwise."""


def compile_kernel(
    comm: MPI.Intracomm, kernel: Kernel, step: Step, parameters: Parameters, *, whole_rows: bool
) -> None:
    """Run the kernel on something tiny. Collective over comm.

    The other ranks find in the node's cache what the first one has compiled: that takes
    seconds, and a core for each rank that does it.

    Parameters
    ----------
    kernel, step
        The kernel, and what it has loaded.
    parameters
        They give the dtype.
    whole_rows
        Whether its arrays will be contiguous.

    Raises
    ------
    Exception
        On every rank, what the kernel raised on any.
    """
    node = comm.Split_type(MPI.COMM_TYPE_SHARED)
    is_first = node.rank == 0
    node.Free()
    for turn in (True, False):
        with agreed(comm, patient=True):
            if is_first == turn and kernel.tiles:
                _march_tiny(parameters)
            elif is_first == turn:
                u, out = (np.zeros((3, 4), parameters.dtype) for _ in range(2))
                width = 4 if whole_rows else 3
                step(u[:, :width], out[:, :width], parameters.fourier)


def _march_tiny(parameters: Parameters) -> None:
    from hpcpy_diffusion.lane_pair import LanePair  # needs numba

    for sides in SIDES:
        extent = Extent(inner=(3, 3), halo=(sides, sides))
        pair = LanePair(extent, parameters.dtype, parameters.fourier)
        pair.begin()
        pair.advance(1)
        pair.show()
        pair.close()
