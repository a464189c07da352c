"""Save a block-decomposed array as one .npy file."""

from collections.abc import Mapping
from contextlib import ExitStack
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt
from mpi4py import MPI

from hpcpy_core.agreement import agreed, on_root
from hpcpy_core.decomposition import Decomposition
from hpcpy_core.errors import HpcpyError
from hpcpy_mpiio.bring_to_disk import bring_to_disk
from hpcpy_mpiio.check import check_block, check_decomposition, check_order, check_together
from hpcpy_mpiio.header import Header, Order, encode_header
from hpcpy_mpiio.hints import check_hints, reliable_hints
from hpcpy_mpiio.message import as_bytes
from hpcpy_mpiio.replacement import Replacement, StrOrBytesPath, start_replacement
from hpcpy_mpiio.statistics import Statistics, total_over_ranks
from hpcpy_mpiio.verify_blocks import verify_blocks
from hpcpy_mpiio.view import block_view
from hpcpy_mpiio.write_blocks import write_blocks

__all__ = ["save"]


def save(
    path: StrOrBytesPath,
    block: npt.NDArray[Any],
    decomposition: Decomposition,
    comm: MPI.Intracomm,
    *,
    overwrite: bool = False,
    order: Order = "C",
    hints: Mapping[str, str] | None = None,
    verify: bool = False,
    check_room: bool = True,
) -> Statistics:
    """Write a block-decomposed array as one .npy file. Collective over comm.

    The file is the one that `numpy.save` would write. It appears whole under its
    name or not at all: bytes go to a temporary in the same folder, which replaces
    an old file only when every rank's part is on disk. Temporaries that killed jobs
    left in the folder are removed by the first save of a process there.

    Parameters
    ----------
    path
        Rank 0's counts. A symbolic link is followed. A file that is replaced keeps its mode,
        group and access list.
    block
        This rank's owned part, shape ``decomposition.owned(comm.rank).shape``; any
        strides; the same dtype of fixed size on every rank; not masked. It is copied only
        if it is not contiguous in `order`.
    decomposition
        Of the whole array, the same on every rank, for ``comm.size`` ranks.
    comm
        All of its ranks must call.
    overwrite
        Whether an existing file may be replaced. Rank 0's counts.
    order
        Of the items in the file, the same on every rank: C, or Fortran as for
        ``numpy.save(path, numpy.asfortranarray(whole))``.
    hints
        For MPI_File_open and the file view, the same on every rank. They win over
        those that `hpcpy_mpiio.hints.reliable_hints` sets.
    verify
        Whether every rank's block is read back by another rank before the file gets
        its name; the same on every rank. Takes the time of a load, and memory for
        one more block.
    check_room
        Whether a file is refused that is larger than what the file system says is free.
        Rank 0's counts.

    Returns
    -------
    Statistics
        Bytes, seconds and the hints in force.

    Raises
    ------
    InputError
        The same on every rank, before anything is written: wrong shape, dtype,
        order, hints or number of ranks on any of them; a file that exists, may not be
        written or does not fit; what is no regular file; a folder that is missing or not
        writable.
    FileError
        The same on every rank, if a step failed on any, or a block was not read
        back as it was. The temporary is removed and an old file is as it was.
    """

    def check() -> dict[str, object]:
        check_decomposition(decomposition, comm)
        check_block(block, decomposition, comm.rank)
        check_order(order)
        return {
            "a decomposition": decomposition,
            "dtype": block.dtype,
            "order": order,
            "hints": check_hints(hints),
            "verify": verify,
        }

    check_together(check, comm)
    start = perf_counter()
    in_force: dict[str, str] = {}
    replacement: Replacement | None = None
    try:
        with ExitStack() as stack:
            with agreed(comm):
                head = encode_header(decomposition.shape, block.dtype, order)
                header = Header(
                    shape=decomposition.shape,
                    dtype=block.dtype,
                    offset=len(head),
                    fortran_order=order == "F",
                )
                if comm.rank == 0:
                    replacement = start_replacement(
                        path,
                        head,
                        overwrite=overwrite,
                        needed=header.file_size if check_room else None,
                    )
                if header.nbytes > 0:  # MPI has no file view without items
                    content = as_bytes(np.asarray(block, order=order), order)
                    view = stack.enter_context(block_view(header, decomposition.owned(comm.rank)))
                    info = stack.enter_context(reliable_hints(hints))
            started: Replacement = comm.bcast(replacement, root=0)
            if header.nbytes > 0:
                in_force = write_blocks(started, content, header, view, info, comm)
        bring_to_disk(started, comm)
        if verify:
            verify_blocks(started, block, decomposition, order, comm, hints=hints)
        with on_root(comm) as is_root:
            if is_root:
                started.publish()
    except BaseException as error:
        if replacement is not None:
            replacement.discard()
        if isinstance(error, HpcpyError) and error.agreed:
            comm.Barrier()  # no rank returns before the temporary is gone
        raise
    nbytes, seconds = total_over_ranks(comm, block.nbytes, perf_counter() - start)
    return Statistics(bytes=nbytes, seconds=seconds, hints=in_force, verified=verify)
