"""Move a distributed array from one division among the ranks to another."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import numpy as np
import numpy.typing as npt
from mpi4py import MPI

from hpcpy_core.agreement import agreed
from hpcpy_core.datatypes import committed
from hpcpy_core.decomposition import Block

__all__ = ["redistribute"]

Place = Callable[[int], Block]


def redistribute(
    block: npt.NDArray[Any], old: Place, new: Place, comm: MPI.Intracomm
) -> npt.NDArray[Any]:
    """Exchange what changes hands, in one Alltoallw. Collective over comm.

    Parameters
    ----------
    block
        This rank's part, shape ``old(comm.rank).shape``, with at least one axis.
    old, new
        Which part of the whole array a rank has and will have; the parts of each
        do not overlap.
    comm
        All of its ranks must call.

    Returns
    -------
    ndarray
        Shape ``new(comm.rank).shape``, dtype of `block`, C order.
    """
    have, want = old(comm.rank), new(comm.rank)
    with ExitStack() as stack:
        with agreed(comm):
            sent = np.ascontiguousarray(block)
            received = np.empty(want.shape, block.dtype)
            item = stack.enter_context(committed(MPI.BYTE.Create_contiguous(block.itemsize)))
            messages = []
            for buffer, mine, theirs in ((sent, have, new), (received, want, old)):
                counts, datatypes = [], []
                for rank in range(comm.size):
                    shared = _overlap(mine, theirs(rank))
                    counts.append(int(shared.size > 0))
                    datatypes.append(
                        stack.enter_context(committed(_part(item, mine, shared)))
                        if shared.size > 0
                        else MPI.BYTE
                    )
                messages.append((_bytes(buffer), counts, [0] * comm.size, datatypes))
        comm.Alltoallw(*messages)
    return received


def _overlap(first: Block, second: Block) -> Block:
    start = tuple(map(max, first.start, second.start))
    stop = tuple(map(min, first.stop, second.stop))
    return Block(start=start, stop=tuple(map(max, start, stop)))


def _part(item: MPI.Datatype, outer: Block, inner: Block) -> MPI.Datatype:
    starts = [slice_.start for slice_ in inner.within(outer)]
    return item.Create_subarray(outer.shape, inner.shape, starts)


def _bytes(array: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    return array.reshape(-1).view(np.uint8)
