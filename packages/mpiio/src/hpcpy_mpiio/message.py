"""A block in memory, as MPI's calls take it: buffer, count and datatype."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
from mpi4py import MPI

from hpcpy_core.datatypes import committed
from hpcpy_core.repeat_datatype import LARGEST_COUNT, repeat_datatype
from hpcpy_mpiio.header import Order

__all__ = ["Message", "as_bytes", "block_message"]

Message = tuple[npt.NDArray[np.uint8], int, MPI.Datatype]
"""Buffer, count and datatype."""


def as_bytes(block: npt.NDArray[Any], order: Order) -> npt.NDArray[np.uint8]:
    """Return the bytes of a block that is contiguous in `order`, in that order. Local, no copy."""
    items = block if order == "C" else block.T
    return items.reshape(-1).view(np.uint8)


@contextmanager
def block_message(block: npt.NDArray[Any], order: Order = "C") -> Iterator[Message]:
    """Describe a contiguous block to MPI as plain bytes. Local.

    Plain bytes serve every dtype in either byte order. More of them than MPI can
    count become one item of a large datatype.

    Parameters
    ----------
    block
        Any shape; contiguous in `order`.
    order
        Of its items in memory.
    """
    content = as_bytes(block, order)
    if content.size <= LARGEST_COUNT:
        yield content, content.size, MPI.BYTE
    else:
        with committed(repeat_datatype(MPI.BYTE, content.size, 1)) as datatype:
            yield content, 1, datatype
