"""How the benchmark hands data to MPI, so that the call itself costs least. Local.

mpi4py finds datatype and count of an array anew at every call. A message with
both spelled out, around memory that was exported once, saves a tenth of a
microsecond a buffer: it is the upper-case call nearest to C.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from mpi4py import MPI

from hpcpy_collectives.patterns import Array

__all__ = ["Message", "blocks_message", "message"]

Message = Any
"""One of mpi4py's many buffer specifications."""

DATATYPES = {"uint8": MPI.BYTE, "float32": MPI.FLOAT}


def message(array: Array, ranks: int = 1) -> Message:
    """Return an array as a message, or as equal blocks from or to each of several ranks."""
    return MPI.buffer(array), array.size // ranks, DATATYPES[array.dtype.name]


def blocks_message(array: Array, counts: Sequence[int]) -> Message:
    """Return an array of consecutive blocks as a message of a vector collective."""
    # C ints, which mpi4py passes on as they are; of a list it would make a copy at every call.
    lengths = np.array(counts, dtype=np.intc)
    displacements = np.concatenate([[0], lengths.cumsum()[:-1]]).astype(np.intc)
    return MPI.buffer(array), (lengths, displacements), DATATYPES[array.dtype.name]
