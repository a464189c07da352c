"""Measure all layouts and APIs in turn, each repeat with a file of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from mpi4py import MPI

from hpcpy_core.agreement import agreed, on_root
from hpcpy_core.errors import FileError
from hpcpy_mpiio.benchmark.access import OPERATIONS, Api, Operation
from hpcpy_mpiio.benchmark.layouts import ITEM_BYTES, Layout
from hpcpy_mpiio.benchmark.measurement import Measurement
from hpcpy_mpiio.benchmark.pattern import Items, describe_item, fill, find_wrong
from hpcpy_mpiio.benchmark.transfer import Phases, transfer_file
from hpcpy_mpiio.failing import failing
from hpcpy_mpiio.page_cache import cached_fraction, drop_cached

__all__ = ["Method", "measure"]

CACHED = 0.01
"""From this part of the file in memory on, a read is not the disk's."""


@dataclass(frozen=True, kw_only=True)
class Method:
    """How every case is measured.

    Attributes
    ----------
    transfer
        Bytes of one call.
    hints
        For MPI_Info.
    fsync, drop, verify
        Whether a write is synced, the page cache is dropped before a read, and what
        was read is checked.
    shift
        A rank reads the block of rank + shift.
    in_memory
        Whether the file system is nothing but memory.
    repeats
        That count, after one round that does not.
    """

    transfer: int
    hints: Mapping[str, str]
    fsync: bool
    drop: bool
    verify: bool
    shift: int
    in_memory: bool
    repeats: int


def measure(
    layouts: Sequence[Layout],
    apis: Sequence[Api],
    method: Method,
    folder: Path,
    comm: MPI.Intracomm,
) -> list[Measurement]:
    """Write, read and remove one file per layout, API and repeat. Collective over comm.

    Raises
    ------
    FileError
        The same on every rank, if a step failed or a wrong item was read on any.
    """
    block = layouts[0].decomposition.owned(comm.rank)
    with agreed(comm):
        buffer = np.zeros(block.size, np.uint64)
    cases = [(layout, api) for layout in layouts for api in apis]
    found: dict[tuple[Layout, Api, Operation], list[tuple[Phases, float]]] = {
        (*case, operation): [] for case in cases for operation in OPERATIONS
    }
    for turn in range(1 + method.repeats):
        for layout, api in cases:
            path = folder / f"{layout.name}-{api}"
            for operation in OPERATIONS:
                outcome = _measure_once(operation, layout, api, method, path, buffer, comm)
                if turn:  # the first round warms up
                    found[layout, api, operation].append(outcome)
            with on_root(comm) as is_root:
                if is_root:
                    path.unlink()
    return [_conclude(*case, method, outcomes) for case, outcomes in found.items()]


def _measure_once(
    operation: Operation,
    layout: Layout,
    api: Api,
    method: Method,
    path: Path,
    buffer: Items,
    comm: MPI.Intracomm,
) -> tuple[Phases, float]:
    """Time one write or read; return with it how much of the file was in memory before."""
    cached, rank = 0.0, comm.rank
    if operation == "write":
        fill(buffer, rank)
    else:
        buffer.fill(0)
        rank = (rank + method.shift) % comm.size
        with agreed(comm), failing(f"look after the cache of {path}", "try --keep-cache"):
            if method.drop:
                drop_cached(path)
        with agreed(comm), failing(f"look after the cache of {path}", "check the folder"):
            cached = cached_fraction(path)
        cached = comm.allreduce(cached, op=MPI.MAX)
    phases = transfer_file(
        *(operation, path, buffer, layout, rank, comm),
        api=api,
        transfer=method.transfer,
        hints=method.hints,
        fsync=method.fsync and operation == "write",
    )
    if operation == "read" and method.verify:
        with agreed(comm):
            _verify(buffer, layout, api, rank, comm.rank)
    return phases, cached


def _verify(buffer: Items, layout: Layout, api: Api, owner: int, reader: int) -> None:
    """Refuse items that are not those that their owner wrote. Local."""
    wrong = find_wrong(buffer, owner)
    if wrong is not None:
        raise FileError(
            f"layout {layout.name}, api {api}: rank {reader} read a wrong item at byte "
            f"{wrong * ITEM_BYTES} of the block of rank {owner}, byte "
            f"{layout.offset(owner, wrong)} of the file: {describe_item(int(buffer[wrong]))}; "
            "do not trust this MPI with this file system and these --hints"
        )


def _conclude(
    layout: Layout,
    api: Api,
    operation: Operation,
    method: Method,
    outcomes: Sequence[tuple[Phases, float]],
) -> Measurement:
    """Say whose speed it was."""
    most = max(cached for _, cached in outcomes)
    if method.in_memory:
        cached, source = True, "memory: the file system has no disk"
    elif operation == "write":
        cached = not method.fsync
        source = "page cache: written without fsync" if cached else "disk: synced"
    else:
        cached = most > CACHED
        source = f"{'page cache' if cached else 'disk'}: {100 * most:.0f}% was in a node's memory"
        if method.shift:
            source += f", read by rank + {method.shift}"
    return Measurement(
        layout=layout,
        api=api,
        operation=operation,
        transfer=method.transfer,
        repeats=tuple(phases for phases, _ in outcomes),
        source=source,
        cached=cached,
    )
