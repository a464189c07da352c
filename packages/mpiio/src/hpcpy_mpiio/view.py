"""A .npy file opened by all ranks, with a file view in which each sees its own block only.

The etype is one item as plain bytes, so that every dtype in either byte order
works. The filetype is the block's place in the whole array, and the view starts
after the header.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import numpy as np
import numpy.typing as npt
from mpi4py import MPI

from hpcpy_core.agreement import agreed
from hpcpy_core.datatypes import committed
from hpcpy_core.decomposition import Block
from hpcpy_mpiio.failing import failing
from hpcpy_mpiio.header import Header
from hpcpy_mpiio.hints import reliable_hints

__all__ = ["Message", "block_message", "open_view"]

AXIS = "an axis of more than 2**31 - 1 items needs MPICH: Open MPI counts with 32 bits"

Message = tuple[npt.NDArray[np.uint8], int, MPI.Datatype]
"""Buffer, count and datatype, as MPI's calls take them."""


@contextmanager
def open_view(
    path: str, amode: int, header: Header, block: Block, comm: MPI.Intracomm
) -> Iterator[MPI.File]:
    """Open a file and restrict it to this rank's block. Collective over comm.

    Parameters
    ----------
    path
        An existing file whose header, of `header.offset` bytes, is known.
    amode
        MPI.MODE_RDONLY or MPI.MODE_WRONLY.
    header
        Describes an array that is not empty; the same on every rank.
    block
        This rank's part; it may be empty.
    comm
        Its ranks open the file together; what is raised inside the `with` block
        must be agreed by them.

    Raises
    ------
    FileError
        The same on every rank, if opening, setting the view or closing failed on any.
    """
    cure = "check that every node mounts this folder"
    with ExitStack() as stack:
        info = stack.enter_context(reliable_hints())
        with agreed(comm), failing(f"open {path}", cure):
            file = MPI.File.Open(comm, path, amode, info)
        stack.enter_context(_closed_by_all(file, path, comm))
        with agreed(comm), failing(f"describe the block of {path}", AXIS):
            etype = stack.enter_context(
                committed(MPI.BYTE.Create_contiguous(header.dtype.itemsize))
            )
            filetype = etype
            if block.size > 0:  # an empty block reads and writes no item: any filetype does
                # The leading axis makes room for arrays without axes: MPI wants at least one.
                sizes, subsizes = (1, *header.shape), (1, *block.shape)
                filetype = stack.enter_context(
                    committed(etype.Create_subarray(sizes, subsizes, (0, *block.start)))
                )
        with agreed(comm), failing(f"set the file view of {path}", cure):
            file.Set_view(header.offset, etype, filetype, info=info)
        yield file


@contextmanager
def block_message(block: npt.NDArray[Any]) -> Iterator[Message]:
    """Describe a C-contiguous block to MPI, row by row. Local.

    Counting rows instead of bytes keeps the count below 2**31 for blocks of more
    than 2 GiB, which Open MPI needs.
    """
    row = block.shape[-1] if block.ndim > 0 else 1
    count = block.size // row if row > 0 else 0
    with (
        committed(MPI.BYTE.Create_contiguous(block.itemsize)) as item,
        committed(item.Create_contiguous(row)) as datatype,
    ):
        yield block.reshape(-1).view(np.uint8), count, datatype


@contextmanager
def _closed_by_all(file: MPI.File, path: str, comm: MPI.Intracomm) -> Iterator[None]:
    """Close the file on every rank; an error from inside matters more than one from closing."""
    try:
        yield
    except Exception:
        with suppress(MPI.Exception):
            file.Close()
        raise
    with agreed(comm), failing(f"close {path}", "check free space and quota"):
        file.Close()
