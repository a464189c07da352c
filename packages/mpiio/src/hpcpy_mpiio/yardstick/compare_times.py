"""Time this package's save and load beside what one would do without it.

Every rank writes and reads its block of one file, so that what is compared has the
same buffers, the same processes and the same minute.
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from time import perf_counter

import numpy as np
import numpy.typing as npt
from mpi4py import MPI

from hpcpy_core.decomposition import Decomposition
from hpcpy_core.timing import max_over_ranks
from hpcpy_mpiio.header import read_header
from hpcpy_mpiio.load_npy import load
from hpcpy_mpiio.save_npy import save

__all__ = ["COLUMNS", "divide", "make_block", "time_all"]

COLUMNS = 4096
"""Of the whole array in float64: a rank's piece of a row has 16 KiB with two ranks."""

Cases = Mapping[str, Callable[[], object]]
Block = npt.NDArray[np.float64]


def time_all(
    size: int, small: int, repeats: int, folder: Path, comm: MPI.Intracomm
) -> dict[str, list[float]]:
    """Time every way to write and to read a file. Collective over comm.

    Parameters
    ----------
    size
        Bytes of the large array.
    small
        Bytes of the small one.
    repeats
        Of every case, in turn, after one round that does not count.
    folder
        For the file, which is removed between the cases and at the end.
    comm
        Its ranks share the arrays.

    Returns
    -------
    dict
        Seconds of every repeat, the slowest rank's, by case.
    """
    path = folder / "compared.npy"
    try:
        writers = _writers(size, path, comm)
        # A file of interleaved pieces is scattered over the disk, and leaves holes that the
        # next case would have to fill: it comes last.
        scattered = {"save-columns": writers.pop("save-columns")}
        written = _time_in_turn(writers, repeats, comm, path)
        written |= _time_in_turn(scattered, repeats, comm, path)
        small_written = _time_in_turn(_small_writers(small, path, comm), repeats, comm, path)
        rows = divide(size, (comm.size, 1))
        save(path, make_block(rows, comm.rank), rows, comm, overwrite=True)
        read = _time_in_turn(_readers(rows, path, comm), repeats, comm, None)
        comm.Barrier()
    finally:
        if comm.rank == 0:
            path.unlink(missing_ok=True)
    return {**written, **small_written, **read}


def divide(size: int, dims: tuple[int, int]) -> Decomposition:
    """Divide an array of so many bytes, in whole rows of float64, over the ranks. Local."""
    columns = min(COLUMNS, size // 8)
    return Decomposition(shape=(size // 8 // columns, columns), dims=dims)


def make_block(decomposition: Decomposition, rank: int) -> Block:
    """Make a rank's block of the array, and touch its pages. Local."""
    return np.full(decomposition.owned(rank).shape, float(rank))


def _writers(size: int, path: Path, comm: MPI.Intracomm) -> dict[str, Callable[[], object]]:
    """Return the ways to bring the large array to disk."""
    rows, columns = divide(size, (comm.size, 1)), divide(size, (1, comm.size))
    row_block, column_block = make_block(rows, comm.rank), make_block(columns, comm.rank)
    items = row_block.reshape(-1)
    first = rows.owned(comm.rank).start[0] * rows.shape[1]

    def write_plainly() -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o666)
        try:
            left, offset = items.data.cast("B"), first * 8
            while left:
                written = os.pwrite(descriptor, left, offset)
                left, offset = left[written:], offset + written
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def write_with_mpi() -> None:
        file = MPI.File.Open(comm, str(path), MPI.MODE_WRONLY | MPI.MODE_CREATE)
        file.Write_at_all(first * 8, items)
        file.Sync()
        file.Close()

    return {
        "plain-write": write_plainly,
        "mpi-write": write_with_mpi,
        "save-rows": lambda: save(path, row_block, rows, comm, overwrite=True),
        "save-columns": lambda: save(path, column_block, columns, comm, overwrite=True),
    }


def _small_writers(size: int, path: Path, comm: MPI.Intracomm) -> Cases:
    rows = divide(size, (comm.size, 1))
    block = make_block(rows, comm.rank)
    whole = np.zeros(rows.shape if comm.rank == 0 else 0)

    def save_on_root() -> None:
        if comm.rank == 0:
            with path.open("wb") as stream:
                np.save(stream, whole)
                stream.flush()
                os.fsync(stream.fileno())

    return {
        "numpy-save-small": save_on_root,
        "save-small": lambda: save(path, block, rows, comm, overwrite=True),
    }


def _readers(rows: Decomposition, path: Path, comm: MPI.Intracomm) -> Cases:
    place = rows.owned(comm.rank)
    offset = read_header(path).offset + place.start[0] * rows.shape[1] * 8
    return {
        "numpy-fromfile": lambda: np.fromfile(path, count=place.size, offset=offset),
        "load-rows": lambda: load(path, rows, comm),
    }


def _time_in_turn(
    cases: Cases, repeats: int, comm: MPI.Intracomm, remove: Path | None
) -> dict[str, list[float]]:
    """Time the cases A B A B; a file of the case before is removed outside the time.

    So is the work that this leaves to the file system, which the next fsync would do.
    """
    seconds: dict[str, list[float]] = {name: [] for name in cases}
    for turn in range(1 + repeats):
        for name, call in cases.items():
            if remove is not None and comm.rank == 0:
                remove.unlink(missing_ok=True)
                os.sync()
            comm.Barrier()
            start = perf_counter()
            call()
            elapsed = max_over_ranks(comm, perf_counter() - start)
            if turn:
                seconds[name].append(elapsed)
    return seconds
