"""Verify one operation at one size, then time it.

The clock is read round blocks of iterations, and nothing but the call is inside:
a block starts behind a barrier, on all ranks together. Calls follow each other
without a barrier in between, so a root that only sends may run ahead of the
others; the slowest rank's block, of which the median is taken, hides nothing.
"""

from collections.abc import Callable
from itertools import repeat
from time import perf_counter
from typing import Any

import numpy as np
from mpi4py import MPI

from hpcpy_collectives.errors import ValidationError
from hpcpy_collectives.measurement import Measurement
from hpcpy_collectives.operations import WINDOW, Prepared
from hpcpy_collectives.plan import Case
from hpcpy_core.agreement import agreed, raise_on_all
from hpcpy_core.allocating import allocating
from hpcpy_core.device import Device
from hpcpy_core.sizes import format_size
from hpcpy_core.timing import Timing

__all__ = ["measure", "time_block", "verify"]

BLOCKS = 10


def measure(case: Case, comm: MPI.Intracomm, device: Device, *, validate: bool) -> Measurement:
    """Verify, warm up, time. Collective over comm.

    Raises
    ------
    HpcpyError
        On every rank, if the memory of any was too small.
    ValidationError
        On every rank, if any rank received wrong data.
    """
    operation = case.operation
    what = f"the buffers of {operation.name} of {format_size(case.size)} B"
    with allocating(comm, device, what, "end --sizes earlier, or start fewer ranks"):
        prepared = operation.prepare(comm, case.size, case.api, device)
    if validate:
        verify(case, prepared, comm)
    blocks = min(BLOCKS, case.iterations)
    each = case.iterations // blocks
    if prepared.call is not None:
        time_block(prepared.call, case.warmup)
    seconds = np.zeros(blocks)
    for block in range(blocks):
        comm.Barrier()
        if prepared.call is not None:
            seconds[block] = time_block(prepared.call, each) / each
    if operation.kind in ("latency", "multi-latency"):
        seconds /= 2  # one way of the round trip
    return _summarise(case, comm, seconds, timed=prepared.timed, validate=validate, each=each)


def verify(case: Case, prepared: Prepared, comm: MPI.Intracomm) -> None:
    """Make the call once and check what it delivered. Collective over comm.

    Raises
    ------
    ValidationError
        On every rank, if any rank received wrong data: it names the lowest such rank.
    """
    returned = prepared.call() if prepared.call is not None else None
    error = None
    with agreed(comm):
        mismatch = prepared.check(returned)
        if mismatch is not None:
            index, found, expected = mismatch
            error = ValidationError(
                f"{case.operation.name} of {case.size} B with --api {case.api}: rank {comm.rank} "
                f"of {comm.size} received wrong data, first at index {index}: {found}, not "
                f"{expected}. It was not timed; the MPI library or its transport is at fault"
            )
    raise_on_all(comm, error)


def time_block(call: Callable[[], object], iterations: int) -> float:
    """Return the seconds that `iterations` calls take. As collective as the call is."""
    turns = repeat(None, iterations)
    start = perf_counter()
    for _ in turns:
        call()
    return perf_counter() - start


def _summarise(
    case: Case,
    comm: MPI.Intracomm,
    seconds: np.ndarray[Any, np.dtype[np.float64]],
    *,
    timed: bool,
    validate: bool,
    each: int,
) -> Measurement:
    """Combine the blocks of all ranks whose time counts. Collective over comm."""
    own = float(seconds.mean())
    total, ranks = comm.allreduce(np.array([own, 1.0]) if timed else np.zeros(2), op=MPI.SUM)
    least = comm.allreduce(own if timed else np.inf, op=MPI.MIN)
    most = comm.allreduce(own if timed else 0.0, op=MPI.MAX)
    slowest = np.empty_like(seconds)
    comm.Allreduce(seconds if timed else np.zeros_like(seconds), slowest, op=MPI.MAX)
    timing = Timing(seconds=tuple(map(float, slowest)))
    figures = [total / ranks, least, most, timing.median, *timing.quartiles]
    operation = case.operation
    if operation.is_rate:
        amount = case.size * WINDOW * (2 if operation.kind == "bidirectional" else 1)
        average, most, least, median, upper, lower = (amount / figure for figure in figures)
        figures = [average, least, most, median, lower, upper]
    average, least, most, median, lower, upper = map(float, figures)
    return Measurement(
        op=operation.name,
        api=case.api,
        size=case.size,
        unit="B/s" if operation.is_rate else "s",
        average=average,
        minimum=least,
        maximum=most,
        median=median,
        lower_quartile=lower,
        upper_quartile=upper,
        iterations=each * len(seconds),
        blocks=len(seconds),
        verified=validate,
    )
