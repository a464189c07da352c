"""A block of host memory that the ranks of each node have in common.

It is a file in memory that has no name any more once all ranks have mapped it, so nothing is
left of it when a process dies. MPI's shared windows are the other way to get one; but MPICH
leaves its files behind when a rank is killed, and Open MPI's wheel prints an error for every
window that it makes.
"""

import mmap
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile, gettempdir

import numpy as np
from mpi4py import MPI

from hpcpy_core.agreement import agreed
from hpcpy_core.device import Array
from hpcpy_core.errors import HpcpyError
from hpcpy_core.sizes import format_size

__all__ = ["map_shared_block"]

MEMORY = Path("/dev/shm")


def map_shared_block(comm: MPI.Intracomm, node: MPI.Intracomm, nbytes: int) -> Array:
    """Return memory, full of zeros, that the ranks of a node share. Collective over comm.

    What a rank writes, the others can read after a barrier of `node`. The memory is given back
    when no array refers to it any more.

    Parameters
    ----------
    comm
        The ranks of all nodes.
    node
        Those of this rank's node.
    nbytes
        1 or more, the same on all ranks of a node.

    Returns
    -------
    array
        Of `nbytes` uint8.

    Raises
    ------
    HpcpyError
        On every rank, if any cannot have it.
    """
    path = ""
    with ExitStack() as until_mapped:
        with agreed(comm), _explained(nbytes):
            if node.rank == 0:
                folder = MEMORY if MEMORY.is_dir() else gettempdir()
                file = until_mapped.enter_context(NamedTemporaryFile(dir=folder, prefix="hpcpy-"))
                os.posix_fallocate(file.fileno(), 0, nbytes)  # later, no room would be a crash
                path = file.name
        path = node.bcast(path)
        with agreed(comm), _explained(nbytes), Path(path).open("r+b") as mapped:
            block = mmap.mmap(mapped.fileno(), nbytes)
    return np.frombuffer(block, np.uint8)


@contextmanager
def _explained(nbytes: int) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise HpcpyError(
            f"the ranks of a node cannot share {format_size(nbytes)} B of {MEMORY}: "
            f"{error.strerror or error}. Make room there, or take another algorithm"
        ) from error
