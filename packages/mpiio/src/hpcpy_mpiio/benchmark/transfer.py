"""One timed write or read of a shared file by all ranks, in the phases that IOR times.

Which bytes a rank sees is set by a file view (see `layouts`); which call moves them is
the API; how many calls is the transfer size.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from math import gcd
from pathlib import Path
from time import perf_counter

import numpy as np
from mpi4py import MPI

from hpcpy_core.agreement import agreed
from hpcpy_core.datatypes import committed
from hpcpy_core.timing import max_over_ranks
from hpcpy_mpiio.benchmark.access import CALLS, Api, Operation
from hpcpy_mpiio.benchmark.layouts import ITEM_BYTES, Layout
from hpcpy_mpiio.benchmark.pattern import Items
from hpcpy_mpiio.failing import failing
from hpcpy_mpiio.open_together import MOUNTS, try_folder, try_open

__all__ = ["Phases", "transfer_file"]

CURES = {
    "write": "check free space and quota",
    "read": "check that nothing else changes the folder",
}
LARGEST_UNIT = 1 << 17
"""In items: calls are counted in units of up to 1 MiB, so that no count passes 2**31 - 1."""


@dataclass(frozen=True, kw_only=True)
class Phases:
    """Seconds of one write or read, each the slowest rank's, and the hints in force."""

    open: float
    transfer: float
    sync: float
    close: float
    total: float
    hints: dict[str, str]


def transfer_file(
    operation: Operation,
    path: Path,
    buffer: Items,
    layout: Layout,
    rank: int,
    comm: MPI.Intracomm,
    *,
    api: Api,
    transfer: int,
    hints: Mapping[str, str],
    fsync: bool = False,
) -> Phases:
    """Open a file, move one block per rank, close it. Collective over comm.

    Parameters
    ----------
    operation
        A write creates the file.
    path
        The same on every rank.
    buffer
        This rank's items, to be written or filled.
    layout
        Of the file.
    rank
        Whose block of the layout it is: for a reordered read not the own one.
    comm
        Its ranks start together.
    api
        Which calls.
    transfer
        Bytes of one call; divides the buffer.
    hints
        For MPI_File_open and the file view.
    fsync
        Whether a write ends with MPI_File_sync.

    Raises
    ------
    FileError
        The same on every rank, if a step failed on any.
    """
    cure = CURES[operation]
    mode = MPI.MODE_RDONLY if operation == "read" else MPI.MODE_WRONLY | MPI.MODE_CREATE
    with ExitStack() as stack:
        with agreed(comm), failing(f"describe {path}", "give a smaller --size or --transfer"):
            info = stack.enter_context(_freed(MPI.Info.Create(dict(hints))))
            displacement, filetype = stack.enter_context(_described_view(layout, rank))
            unit = gcd(transfer // ITEM_BYTES, LARGEST_UNIT)
            datatype = stack.enter_context(committed(MPI.DOUBLE.Create_contiguous(unit)))
        if operation == "write":
            try_folder(path.parent, comm)
        else:
            with agreed(comm), failing(f"open {path}", MOUNTS):
                try_open(path, mode)
        comm.Barrier()
        started = perf_counter()
        with agreed(comm), failing(f"open {path}", MOUNTS):
            file = MPI.File.Open(comm, str(path), mode, info)
        try:
            with agreed(comm), failing(f"set the file view of {path}", cure):
                file.Set_view(displacement, MPI.DOUBLE, filetype, info=info)
            opened = perf_counter()
            with agreed(comm), failing(f"{operation} {path}", cure):
                _move(file, operation, api, buffer, transfer // ITEM_BYTES, datatype)
            moved = perf_counter()
            with agreed(comm), failing(f"bring {path} to disk", cure):
                if fsync:
                    file.Sync()
            synced = perf_counter()
            with _freed(file.Get_info()) as given:
                in_force = dict(given.items())
            closing = perf_counter()
        except Exception:
            with suppress(MPI.Exception):
                file.Close()
            raise
        with agreed(comm), failing(f"close {path}", cure):
            file.Close()
        closed = perf_counter()
    seconds = (opened - started, moved - opened, synced - moved, closed - closing)
    slowest = [max_over_ranks(comm, duration) for duration in (*seconds, sum(seconds))]
    names = ("open", "transfer", "sync", "close", "total")
    return Phases(**dict(zip(names, slowest, strict=True)), hints=in_force)


@contextmanager
def _described_view(layout: Layout, rank: int) -> Iterator[tuple[int, MPI.Datatype]]:
    """Describe where a rank's items are: bytes before them, and a filetype. Local."""
    shape, block = layout.decomposition.shape, layout.decomposition.owned(rank)
    first = layout.offset(rank, 0)
    if layout.name == "contiguous":
        yield first, MPI.DOUBLE
    elif layout.name == "strided":
        segments, length = block.shape
        with committed(MPI.DOUBLE.Create_vector(segments, length, shape[1])) as vector:
            yield first, vector
    else:
        with committed(MPI.DOUBLE.Create_subarray(shape, block.shape, block.start)) as subarray:
            yield 0, subarray


def _move(
    file: MPI.File,
    operation: Operation,
    api: Api,
    buffer: Items,
    items: int,
    datatype: MPI.Datatype,
) -> None:
    """Move the buffer in calls of so many items; may fail on some ranks only.

    Collective over the file's ranks, unless the API is independent. A rank whose call
    fails makes the others all the same: the rest of the job waits for it in them.
    """
    values = buffer.view(np.float64)
    failure: Exception | None = None
    pending: list[tuple[MPI.Request, MPI.Status]] = []
    call: Callable[..., MPI.Request] = getattr(file, CALLS[operation, api])
    for start in range(0, values.size, items):
        part, status = values[start : start + items], MPI.Status()
        message = (part, items * ITEM_BYTES // datatype.size, datatype)
        try:
            if api == "nonblocking":
                pending.append((call(start, message), status))
            else:
                call(start, message, status)
                _check_count(status, part.nbytes)
        except (MPI.Exception, OSError) as error:
            failure = failure or error
    for request, status in pending:
        try:
            request.Wait(status)
            _check_count(status, items * ITEM_BYTES)
        except (MPI.Exception, OSError) as error:
            failure = failure or error
    if failure is not None:
        raise failure


def _check_count(status: MPI.Status, wanted: int) -> None:
    moved = status.Get_elements(MPI.BYTE)  # Get_count is wrong for long datatypes in Open MPI
    if moved != wanted:
        raise OSError(f"{moved} of {wanted} bytes were moved")


@contextmanager
def _freed(info: MPI.Info) -> Iterator[MPI.Info]:
    try:
        yield info
    finally:
        info.Free()
