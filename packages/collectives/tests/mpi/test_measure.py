"""Every operation by every API, verified and timed; wrong data is caught and named."""

from dataclasses import replace

import numpy as np
import pytest

from hpcpy_collectives.errors import ValidationError
from hpcpy_collectives.measure import measure, time_block, verify
from hpcpy_collectives.operations import OPERATIONS
from hpcpy_collectives.plan import Case
from hpcpy_core.device import CPU
from hpcpy_core.errors import HpcpyError
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi

SIZES = (4, 8, 12, 1000, 1 << 14, 300_000)
"""Also more floats than ranks, fewer, and no power of two."""


def case_of(name, api, size, iterations=7, warmup=1):
    return Case(
        operation=OPERATIONS[name], api=api, size=size, iterations=iterations, warmup=warmup
    )


def cases(comm):
    for operation in OPERATIONS.values():
        if operation.minimum_ranks <= comm.size:
            for api in operation.apis:
                for size in SIZES if operation.element else (0,):
                    yield case_of(operation.name, api, size)


def test_every_operation_delivers_the_right_data(comm):
    for case in cases(comm):
        verify(case, case.operation.prepare(comm, case.size, case.api, CPU), comm)


def test_figures_are_in_order_and_the_same_on_all_ranks(comm):
    for case in cases(comm):
        if case.size in (0, 8):
            found = measure(case, comm, CPU, validate=True)
            parallel_assert(comm, found == comm.bcast(found, root=0), str(case))
            near = 1 + 1e-12  # the average of equal figures may be off by a rounding
            ordered = 0 < found.minimum <= found.average * near <= found.maximum * near**2
            quartiles = found.lower_quartile <= found.median <= found.upper_quartile
            parallel_assert(comm, ordered and quartiles, str(found))
            parallel_assert(comm, (found.iterations, found.blocks) == (7, 7), str(found))
            rate = case.operation.kind in ("bandwidth", "bidirectional")
            parallel_assert(comm, found.unit == ("B/s" if rate else "s"), str(found))


def tampering(call, message, index, value):
    """Return the call, after which one element of a buffer is another."""

    def tampered():
        returned = call()
        message[0][index] = value
        return returned

    return tampered


@pytest.mark.parametrize("name", ["allgather", "alltoallv", "allgatherv", "alltoall"])
def test_tampered_data_is_caught_and_named(comm, name):
    case = case_of(name, "buffer", 16)
    prepared = case.operation.prepare(comm, 16, "buffer", CPU)
    last = comm.size - 1
    if comm.rank == last:
        message = prepared.call.args[1]
        prepared = replace(prepared, call=tampering(prepared.call, message, 5, 254))
    words = (
        rf"{name} of 16 B with --api buffer: rank {last} of {comm.size} received wrong data, "
        r"first at index 5: 254, not \d+\."
    )
    with parallel_raises(comm, ValidationError, match=words) as caught:
        verify(case, prepared, comm)
    parallel_assert(comm, caught.error.agreed and caught.error.exit_code == 1)


def test_tampered_floats_and_the_lowest_rank(comm):
    case = case_of("allreduce", "buffer", 64)
    prepared = case.operation.prepare(comm, 64, "buffer", CPU)
    message = prepared.call.args[1]
    # the last byte of float 3: another sign and exponent
    prepared = replace(prepared, call=tampering(prepared.call, message, 15, 0xC0))
    with parallel_raises(comm, ValidationError, match=r"rank 0 of \d+ .*first at index 3: -"):
        verify(case, prepared, comm)


@pytest.mark.parametrize("api", ["pickle", "pickle5"])
def test_a_tampered_object_is_caught(comm, api):
    case = case_of("bcast", api, 100)
    prepared = case.operation.prepare(comm, 100, api, CPU)

    def tampered():
        returned = np.array(prepared.call())
        returned[99] = 255
        return returned

    last = comm.size - 1
    changed = replace(prepared, call=tampered) if comm.rank == last else prepared
    if comm.size == 1:  # the root of a bcast receives nothing
        verify(case, changed, comm)
        return
    with parallel_raises(comm, ValidationError, match=rf"rank {last} .* index 99: 255, not 99\."):
        verify(case, changed, comm)


def test_what_was_never_received_is_caught(comm):
    for name in ("latency", "bw", "bibw", "multi_lat", "bcast", "scatter", "igather", "ireduce"):
        operation = OPERATIONS[name]
        if operation.minimum_ranks > comm.size or (name == "bcast" and comm.size == 1):
            continue
        prepared = operation.prepare(comm, 64, "buffer", CPU)
        idle = replace(prepared, call=None)
        with parallel_raises(comm, ValidationError, match=f"{name} of 64 B .* (255|nan), not"):
            verify(case_of(name, "buffer", 64), idle, comm)


def test_without_validation_nothing_is_checked(comm, monkeypatch):
    monkeypatch.setattr("hpcpy_collectives.measure.verify", None)
    found = measure(case_of("allreduce", "buffer", 8), comm, CPU, validate=False)
    parallel_assert(comm, not found.verified)


def test_memory_that_runs_out_on_one_rank_is_an_error_on_all(comm, monkeypatch):
    def run_out(*_):
        raise MemoryError

    if comm.rank == comm.size - 1:
        monkeypatch.setattr("hpcpy_collectives.operations.Operation.prepare", run_out)
    words = rf"rank {comm.size - 1} on .* has no memory for the buffers of bcast of 64K B: .*: end "
    with parallel_raises(comm, HpcpyError, match=words):
        measure(case_of("bcast", "buffer", 1 << 16), comm, CPU, validate=False)


def test_a_block_is_as_many_calls_as_asked(comm):
    calls = []
    parallel_assert(comm, time_block(lambda: calls.append(0), 25) > 0)
    parallel_assert(comm, len(calls) == 25)


@pytest.mark.parametrize(
    ("name", "unit", "figure"),
    [
        ("latency", "s", lambda ranks: (0.5, 0.5, 0.5, 0.5)),
        ("multi_lat", "s", lambda ranks: (0.5 * (1 + ranks) / 2, 0.5, 0.5 * ranks, 0.5 * ranks)),
        ("bw", "B/s", lambda ranks: (64 * 8.0,) * 4),
        ("bibw", "B/s", lambda ranks: (2 * 64 * 8.0,) * 4),
        ("allreduce", "s", lambda ranks: ((1 + ranks) / 2, 1.0, ranks, ranks)),
        ("ibarrier", "s", lambda ranks: ((1 + ranks) / 2, 1.0, ranks, ranks)),
    ],
)
def test_figures_follow_osu_s_definitions(comm, monkeypatch, name, unit, figure):
    """On a clock by which an iteration takes rank + 1 seconds."""
    operation = OPERATIONS[name]
    if comm.size < operation.minimum_ranks:
        return
    clock = comm.rank + 1
    monkeypatch.setattr("hpcpy_collectives.measure.time_block", lambda _, turns: turns * clock)
    size = 8 if operation.element else 0
    found = measure(case_of(name, "buffer", size, iterations=25), comm, CPU, validate=False)
    ranks = comm.size - comm.size % 2 if name == "multi_lat" else comm.size
    figures = (found.average, found.minimum, found.maximum, found.median)
    parallel_assert(comm, figures == pytest.approx(figure(ranks)), str(found))
    parallel_assert(comm, found.unit == unit)
    parallel_assert(comm, (found.iterations, found.blocks) == (20, 10))
    quartiles = (found.lower_quartile, found.upper_quartile)
    parallel_assert(comm, quartiles == (found.median, found.median))
