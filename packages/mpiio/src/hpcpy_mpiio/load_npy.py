"""Load a .npy file, divided over the ranks of a communicator."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from mpi4py import MPI

from hpcpy_core.agreement import agreed, on_root
from hpcpy_core.decomposition import Block, Decomposition
from hpcpy_core.errors import FileError, InputError
from hpcpy_mpiio.check import check_alike, check_decomposition
from hpcpy_mpiio.failing import failing
from hpcpy_mpiio.header import Header, check_size, read_header
from hpcpy_mpiio.view import Message, block_message, open_view

__all__ = ["load"]


def load(path: str | Path, decomposition: Decomposition, comm: MPI.Intracomm) -> npt.NDArray[Any]:
    """Read this rank's part of a .npy file. Collective over comm.

    The file may come from `numpy.save`, or from `hpcpy_mpiio.save` on any number
    of ranks.

    Parameters
    ----------
    path
        Rank 0's counts.
    decomposition
        Of an array of the file's shape, the same on every rank, for ``comm.size``
        ranks.
    comm
        All of its ranks must call.

    Returns
    -------
    ndarray
        Shape ``decomposition.owned(comm.rank).shape``, the file's dtype, C order.

    Raises
    ------
    InputError
        The same on every rank: no such file, another shape, or another number of
        ranks on any of them.
    FileError
        The same on every rank: not a .npy file, one of Python objects or in
        Fortran order, truncated, too long, or a step that failed on any rank.
    """
    with agreed(comm):
        check_decomposition(decomposition, comm)
    check_alike("a decomposition", decomposition, comm)
    found: tuple[str, Header] | None = None
    with on_root(comm) as is_root:
        if is_root:
            # The ranks may be in different folders; and ROMIO takes a "ufs:" in front for its own.
            file = Path(path).absolute()
            found = str(file), _read_fitting(file, decomposition.shape)
    name, header = comm.bcast(found, root=0)
    place = decomposition.owned(comm.rank)
    with agreed(comm):
        block = np.empty(place.shape, header.dtype)
    if header.nbytes > 0:  # MPI has no file view without items
        _read(name, block, header, place, comm)
    return block


def _read_fitting(path: Path, shape: tuple[int, ...]) -> Header:
    """Read the header of a file that can be divided as asked. Local."""
    header = read_header(path)
    check_size(path, header)
    if header.fortran_order:
        raise FileError(
            f"{path} is in Fortran order, which is not supported: save it anew with "
            "numpy.save(path, numpy.ascontiguousarray(array))"
        )
    if header.shape != shape:
        raise InputError(
            f"{path} holds an array of shape {header.shape}, but the decomposition is of "
            f"{shape}: make one with shape={header.shape}"
        )
    return header


def _read(
    name: str, block: npt.NDArray[Any], header: Header, place: Block, comm: MPI.Intracomm
) -> None:
    """Fill the blocks of all ranks. Collective over comm."""
    with ExitStack() as stack:
        with agreed(comm):
            message = stack.enter_context(block_message(block))
        view = stack.enter_context(open_view(name, MPI.MODE_RDONLY, header, place, comm))
        with agreed(comm), failing(f"read {name}", "check that the file is still there"):
            _read_block(view, message)
    with on_root(comm) as is_root:
        if is_root:  # cut short meanwhile? Both MPIs may then report full counts
            check_size(Path(name), header)


def _read_block(file: MPI.File, message: Message) -> None:
    """Read this rank's block. Collective over the file's ranks; may fail on some only."""
    status = MPI.Status()
    file.Read_all(message, status)
    # Get_count is wrong for rows in Open MPI.
    received, wanted = status.Get_elements(MPI.BYTE), message[0].nbytes
    if received != wanted:
        raise OSError(f"{received} of {wanted} bytes were read: it has been cut short")
