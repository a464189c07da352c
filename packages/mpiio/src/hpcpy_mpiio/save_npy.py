"""Save a block-decomposed array as one .npy file."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from mpi4py import MPI

from hpcpy_core.agreement import agreed, on_root
from hpcpy_core.decomposition import Block, Decomposition
from hpcpy_core.errors import FileError
from hpcpy_mpiio.check import check_alike, check_block, check_decomposition
from hpcpy_mpiio.failing import failing
from hpcpy_mpiio.header import Header, decode_header, encode_header
from hpcpy_mpiio.replacement import Replacement, start_replacement
from hpcpy_mpiio.view import Message, block_message, open_view

__all__ = ["save"]

CURE = "check free space and quota"


def save(
    path: str | Path,
    block: npt.NDArray[Any],
    decomposition: Decomposition,
    comm: MPI.Intracomm,
    *,
    overwrite: bool = False,
) -> None:
    """Write a block-decomposed array as one .npy file. Collective over comm.

    The file is the one that `numpy.save` would write. It appears whole under its
    name or not at all: bytes go to a temporary in the same folder, which replaces
    an old file only when every rank's part is on disk.

    Parameters
    ----------
    path
        Rank 0's counts. A symbolic link is followed.
    block
        This rank's owned part, shape ``decomposition.owned(comm.rank).shape``; any
        strides; the same dtype of fixed size on every rank.
    decomposition
        Of the whole array, the same on every rank, for ``comm.size`` ranks.
    comm
        All of its ranks must call.
    overwrite
        Whether an existing file may be replaced. Rank 0's counts.

    Raises
    ------
    InputError
        The same on every rank, before anything is written: wrong shape, dtype or
        number of ranks on any of them; a file that exists; a folder that is
        missing or not writable.
    FileError
        The same on every rank, if a step failed on any. The temporary is removed
        and an old file is as it was.
    """
    with agreed(comm):
        check_decomposition(decomposition, comm)
        check_block(block, decomposition, comm.rank)
        head = encode_header(decomposition.shape, block.dtype)
    check_alike("a decomposition", decomposition, comm)
    check_alike("dtype", block.dtype, comm)
    replacement: Replacement | None = None
    try:
        with on_root(comm) as is_root:
            if is_root:
                replacement = start_replacement(Path(path), head, overwrite=overwrite)
        started: Replacement = comm.bcast(replacement, root=0)
        header = decode_header(head)
        if header.nbytes > 0:  # MPI has no file view without items
            _write(started, block, header, decomposition.owned(comm.rank), comm)
        with on_root(comm) as is_root:
            if is_root:
                started.publish()
    except BaseException as error:
        if replacement is not None:
            replacement.discard()
        if isinstance(error, FileError) and error.agreed:
            comm.Barrier()  # no rank returns before the temporary is gone
        raise


def _write(
    replacement: Replacement,
    block: npt.NDArray[Any],
    header: Header,
    place: Block,
    comm: MPI.Intracomm,
) -> None:
    """Write the blocks of all ranks after the header, down to the disk. Collective over comm."""
    name, target = str(replacement.temporary), replacement.target
    with ExitStack() as stack:
        with agreed(comm):
            message = stack.enter_context(block_message(np.asarray(block, order="C")))
        view = stack.enter_context(open_view(name, MPI.MODE_WRONLY, header, place, comm))
        with agreed(comm), failing(f"write {target}", CURE):
            _write_block(view, message)
        with agreed(comm), failing(f"bring {target} to disk", CURE):
            view.Sync()


def _write_block(file: MPI.File, message: Message) -> None:
    """Write this rank's block. Collective over the file's ranks; may fail on some only."""
    status = MPI.Status()
    file.Write_all(message, status)
    written, wanted = status.Get_elements(MPI.BYTE), message[0].nbytes
    if written != wanted:
        raise OSError(f"{written} of {wanted} bytes were written")
