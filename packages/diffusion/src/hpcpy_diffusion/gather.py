"""Gather a block-decomposed field on one rank."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from mpi4py import MPI

from hpcpy_core.agreement import agreed, same_on_all
from hpcpy_core.array_rules import has_datatype, refuse_masked
from hpcpy_core.datatypes import subarray
from hpcpy_core.decomposition import Block, Decomposition
from hpcpy_core.errors import InputError
from hpcpy_core.host_memory import host_memory
from hpcpy_core.whole_messages import moved
from hpcpy_diffusion.kernels import Field

__all__ = ["gather_blocks", "gather_field"]


def gather_field(
    owned: Field, decomposition: Decomposition, comm: MPI.Intracomm, root: int = 0
) -> Field | None:
    """Return the whole field on the root, None elsewhere. Collective over comm.

    Parameters
    ----------
    owned
        This rank's part, shape ``decomposition.owned(comm.rank).shape``.

    Raises
    ------
    InputError
        As `gather_blocks` does.
    """
    blocks = [decomposition.owned(rank) for rank in range(comm.size)]
    return gather_blocks(owned, blocks, decomposition.shape, comm, root)


def gather_blocks(
    own: Field, blocks: Sequence[Block], shape: tuple[int, ...], comm: MPI.Intracomm, root: int = 0
) -> Field | None:
    """Return the array that the ranks' blocks make on the root, None elsewhere. Collective.

    Each block is received into its place in the whole array by a subarray
    datatype: no second copy of the field is made.

    Parameters
    ----------
    own
        This rank's part, shape ``blocks[comm.rank].shape``.
    blocks
        Of all ranks; together they are the whole array.
    shape
        Of the whole array.

    Raises
    ------
    InputError
        On every rank, if any rank's part has another shape, a mask, which would be lost, or
        items that MPI has no datatype for, or that are not those of rank 0.
    """
    with agreed(comm):
        _require_block(own, blocks, comm)
    same_on_all(comm, {"dtype": own.dtype.str, "shape": tuple(shape), "root": root})
    sent = moved(host_memory(np.ascontiguousarray(own)))
    with sent as message:
        request = comm.Isend(message, dest=root) if own.size else MPI.REQUEST_NULL
        field = _receive(own.dtype, blocks, shape, comm) if comm.rank == root else None
        request.Wait()
    return field


def _require_block(own: Field, blocks: Sequence[Block], comm: MPI.Intracomm) -> None:
    refuse_masked(own, "the field")
    if len(blocks) != comm.size:
        raise InputError(f"{len(blocks)} blocks, but {comm.size} ranks")
    if own.shape != blocks[comm.rank].shape:
        raise InputError(
            f"rank {comm.rank} has a part of shape {own.shape}, but its block is of shape "
            f"{blocks[comm.rank].shape}"
        )
    if not has_datatype(own.dtype.str):
        raise InputError(f"MPI has no datatype for items of {own.dtype}: pass .astype(float)")


def _receive(
    dtype: np.dtype[Any], blocks: Sequence[Block], shape: tuple[int, ...], comm: MPI.Intracomm
) -> Field:
    """Return the whole array, each block of which a rank is sending. Local."""
    field: Field = np.empty(shape, dtype=dtype)
    whole = Block(start=(0,) * field.ndim, stop=field.shape)
    for source, block in enumerate(blocks):
        if block.size:
            with subarray(field.dtype, field.shape, block.within(whole)) as place:
                comm.Recv((field, 1, place), source=source)
    return field
