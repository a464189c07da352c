"""Write the blocks of all ranks into one file."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from mpi4py import MPI

from hpcpy_core.agreement import agreed
from hpcpy_mpiio.failing import failing
from hpcpy_mpiio.header import Header
from hpcpy_mpiio.hints import hints_in_force
from hpcpy_mpiio.open_together import close_quietly, open_together
from hpcpy_mpiio.replacement import CURE, Replacement
from hpcpy_mpiio.view import View

__all__ = ["write_blocks"]

ROUND_BYTES = 1 << 25
"""Of each rank in one call: enough for the speed of a disk, little beside its block."""

Bytes = npt.NDArray[np.uint8]


def write_blocks(
    replacement: Replacement,
    content: Bytes,
    header: Header,
    view: View,
    info: MPI.Info,
    comm: MPI.Intracomm,
) -> dict[str, str]:
    """Write every rank's block where its view is, by collective calls. Collective over comm.

    A large block is written in rounds, after each of which the system begins to bring
    it to the disk: it works while the next round is copied, not after the last one.

    Parameters
    ----------
    replacement
        The temporary is there, and has its header.
    content
        The bytes of this rank's block, in the file's order.
    header
        The temporary's.
    view
        The place of the block in the file.
    info
        Hints.
    comm
        All of its ranks must call.

    Returns
    -------
    dict
        The hints in force.

    Raises
    ------
    FileError
        The same on every rank, if a step failed on any.
    """
    per_round = max(1, ROUND_BYTES // header.dtype.itemsize) * header.dtype.itemsize
    rounds = 1
    if header.nbytes > per_round:
        rounds = max(1, -(-comm.allreduce(content.size, op=MPI.MAX) // per_round))
    file = open_together(str(replacement.temporary), MPI.MODE_WRONLY, info, comm)
    try:
        with agreed(comm), failing(f"set the file view of {replacement.temporary}", CURE):
            view.set(file, info)
            in_force = hints_in_force(file)
        for first in range(0, rounds * per_round, per_round):
            with agreed(comm), failing(f"write {replacement.target}", CURE):
                _write_round(file, content[first : first + per_round])
                if rounds > 1:
                    _start_writeback(replacement.temporary)
    except Exception:
        close_quietly(file)
        raise
    with agreed(comm), failing(f"write {replacement.target}", CURE):
        file.Close()
    return in_force


def _write_round(file: MPI.File, content: Bytes) -> None:
    """Write the next bytes of this rank's view. Collective over the file's ranks.

    It may fail on some of them only.
    """
    status = MPI.Status()
    file.Write_all([content, content.size, MPI.BYTE], status)
    written = status.Get_elements(MPI.BYTE)
    if written != content.size:
        raise OSError(f"{written} of {content.size} bytes were written")


def _start_writeback(path: Path) -> None:
    """Ask the system to write what it holds of a file, and not to wait for it. Local.

    In Linux this is what the advice does to dirty pages; clean ones it drops.
    """
    advise: Any = getattr(os, "posix_fadvise", None)
    if advise is None:
        return
    with suppress(OSError):  # it is advice
        descriptor = os.open(path, os.O_RDONLY)
        try:
            advise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)
