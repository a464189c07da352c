"""How much memory a save or a load takes, in a fresh process. Needs Linux."""

import os
import re
from pathlib import Path

import numpy as np
from mpi4py import MPI

from hpcpy_core.agreement import agreed, on_root
from hpcpy_mpiio.header import decode_header, encode_header
from hpcpy_mpiio.load_npy import load
from hpcpy_mpiio.save_npy import save
from hpcpy_mpiio.yardstick.compare_times import COLUMNS, divide, make_block

__all__ = ["weigh"]


def weigh(what: str, size: int, folder: Path, comm: MPI.Intracomm) -> dict[str, int]:
    """Return what one save or load adds to the memory of a process. Collective over comm.

    Parameters
    ----------
    what
        ``save`` or ``load``, a dash, ``rows`` or ``columns``: how the array is divided.
    size
        Bytes of the array.
    folder
        For its file, which is removed.
    comm
        Its ranks share the array; their processes have done nothing large yet, since
        memory that was taken and freed hides what is taken now.

    Returns
    -------
    dict
        ``block``: bytes of a rank's block; ``grown``: by how many bytes the most
        resident memory of any rank grew, a loaded block included.
    """
    verb, _, divided = what.partition("-")
    dims = (comm.size, 1) if divided == "rows" else (1, comm.size)
    path = folder / "weighed.npy"
    try:
        # What MPI and Python load with the first file is nobody's buffer.
        little = divide(COLUMNS * 8 * comm.size, dims)
        save(path, make_block(little, comm.rank), little, comm, overwrite=True)
        load(path, little, comm)
        decomposition = divide(size, dims)
        if verb == "load":
            with on_root(comm) as is_root:
                if is_root:
                    _make_sparse(path, decomposition.shape)
            before = _read_memory("VmRSS", comm)
            block = load(path, decomposition, comm)
        else:
            block = make_block(decomposition, comm.rank)
            before = _read_memory("VmRSS", comm)
            save(path, block, decomposition, comm, overwrite=True)
        grown = comm.allreduce(_read_memory("VmHWM", comm) - before, op=MPI.MAX)
    finally:
        if comm.rank == 0:
            path.unlink(missing_ok=True)
    return {"block": block.nbytes, "grown": grown}


def _make_sparse(path: Path, shape: tuple[int, ...]) -> None:
    """Make a file of zeros without holding any."""
    head = encode_header(shape, np.dtype(np.float64))
    path.write_bytes(head)
    os.truncate(path, decode_header(head).file_size)


def _read_memory(key: str, comm: MPI.Intracomm) -> int:
    """Return a figure of this process in bytes: VmRSS is now, VmHWM the most so far."""
    with agreed(comm):
        found = re.search(rf"^{key}:\s+(\d+) kB$", Path("/proc/self/status").read_text(), re.M)
        if found is None:
            raise OSError(f"/proc/self/status has no {key}: this measurement needs Linux")
    return 1024 * int(found[1])
