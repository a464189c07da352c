"""Gather a block-decomposed field on one rank."""

import numpy as np
from mpi4py import MPI

from hpcpy_core.datatypes import subarray
from hpcpy_core.decomposition import Block, Decomposition
from hpcpy_diffusion.kernels import Field

__all__ = ["gather_field"]


def gather_field(
    owned: Field, decomposition: Decomposition, comm: MPI.Intracomm, root: int = 0
) -> Field | None:
    """Return the whole field on the root, None elsewhere. Collective over comm.

    Each block is received into its place in the whole array by a subarray
    datatype: no second copy of the field is made.

    Parameters
    ----------
    owned
        This rank's part, shape ``decomposition.owned(comm.rank).shape``.
    """
    request = comm.Isend(np.ascontiguousarray(owned), dest=root) if owned.size else None
    field = None
    if comm.rank == root:
        field = np.empty(decomposition.shape, dtype=owned.dtype)
        whole = Block(start=(0,) * field.ndim, stop=field.shape)
        for source in range(comm.size):
            block = decomposition.owned(source)
            if block.size:
                with subarray(field.dtype, field.shape, block.within(whole)) as place:
                    comm.Recv((field, 1, place), source=source)
    if request is not None:
        request.Wait()
    return field
