"""Arguments that all ranks must give alike, checked before any file is touched."""

from typing import Any

import numpy as np
import numpy.typing as npt
from mpi4py import MPI

from hpcpy_core.agreement import agreed
from hpcpy_core.decomposition import Decomposition
from hpcpy_core.errors import InputError

__all__ = ["check_alike", "check_block", "check_decomposition"]


def check_decomposition(decomposition: Decomposition, comm: MPI.Intracomm) -> None:
    """Refuse a decomposition for another number of ranks. Local."""
    if decomposition.ranks != comm.size:
        raise InputError(
            f"dims {decomposition.dims} divide the array over {decomposition.ranks} ranks, but "
            f"the communicator has {comm.size}: take dims from MPI.Compute_dims({comm.size}, "
            f"{len(decomposition.dims)})"
        )


def check_block(block: npt.NDArray[Any], decomposition: Decomposition, rank: int) -> None:
    """Refuse what is not this rank's owned part. Local."""
    if not isinstance(block, np.ndarray):
        raise InputError(
            f"rank {rank} gave a {type(block).__name__}: give a NumPy array in host memory"
        )
    owned = decomposition.owned(rank)
    if block.shape != owned.shape:
        raise InputError(
            f"rank {rank} gave a block of shape {block.shape}, but owns {owned.shape} of "
            f"{decomposition.shape}: pass the part decomposition.owned(comm.rank)"
        )


def check_alike(what: str, value: object, comm: MPI.Intracomm) -> None:
    """Refuse a value that is not rank 0's on some rank. Collective over comm."""
    first = comm.bcast(value, root=0)
    with agreed(comm):
        if value != first:
            raise InputError(
                f"rank {comm.rank} gave {what} {value}, but rank 0 gave {first}: "
                "give the same on every rank"
            )
