"""The trials of the awareness proof, with memory that every MPI takes: the host's.

A right MPI passes them. One that leaves a call out must not.
"""

import ctypes

import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core.awareness import OPERATIONS
from hpcpy_core.awareness.device_block import device_blocks
from hpcpy_core.awareness.trials import TRIALS, WrongDataError
from hpcpy_core.awareness.trials.check import check
from hpcpy_testing.assertions import parallel_assert

pytestmark = pytest.mark.mpi

PARTS = [(operation, part) for operation, parts in TRIALS.items() for part in parts]


class HostDriver:
    """Device memory that is NumPy's."""

    def __init__(self):
        self.memory = {}

    def allocate(self, nbytes):
        made = np.zeros(nbytes, np.uint8)
        self.memory[made.ctypes.data] = made
        return made.ctypes.data

    def free(self, address):
        del self.memory[address]

    def copy_to_device(self, device, host, nbytes):
        ctypes.memmove(device, host, nbytes)

    copy_to_host = copy_to_device

    def synchronize(self):
        pass


@pytest.fixture
def try_it(comm, monkeypatch):
    """Return a function that runs a trial, and returns what the lowest rank found wrong.

    Checks that fail are noted, since a rank that raises alone would leave the others waiting.
    """
    found = []

    def note(*arguments):
        try:
            check(*arguments)
        except WrongDataError as error:
            found.append(str(error))

    for module in ("messages", "collectives", "reductions", "windows"):
        monkeypatch.setattr(f"hpcpy_core.awareness.trials.{module}.check", note)

    def run(comm, operation, part, n):
        found.clear()
        with device_blocks(HostDriver()) as make:
            TRIALS[operation][part](comm, make, n)
        return next(filter(None, comm.allgather(found[0] if found else None)), None)

    return run


def test_every_operation_has_trials(comm):
    parallel_assert(comm, tuple(TRIALS) == OPERATIONS, "another order")
    parallel_assert(comm, all(TRIALS.values()), "an operation without a trial")


@pytest.mark.parametrize(("operation", "part"), PARTS)
def test_a_right_mpi_passes(comm, try_it, operation, part):
    for n in (1, 5000):
        found = try_it(comm, operation, part, n)
        parallel_assert(comm, found is None, f"{n}: {found}")


def leave_out(comm, call):
    """Return the communicator with a call that does nothing."""
    silent = type("Silent", (MPI.Intracomm,), {call: lambda *_, **__: MPI.REQUEST_NULL})
    return silent(comm)


@pytest.mark.parametrize(
    ("operation", "part", "calls"),
    [
        ("p2p", "messages between ranks", "Sendrecv"),
        ("p2p", "messages to itself", "Sendrecv"),
        ("datatype", "a vector", "Sendrecv"),
        ("datatype", "a subarray", "Sendrecv"),
        ("gather", "Gather, Scatter, Allgather, Alltoall", "Gather Scatter Allgather Alltoall"),
        (
            "gather",
            "Gatherv, Scatterv, Allgatherv, Alltoallv",
            "Gatherv Scatterv Allgatherv Alltoallv",
        ),
        ("reduction", "Allreduce", "Allreduce"),
        ("reduction", "Reduce, Scan, Reduce_scatter_block", "Reduce Scan Reduce_scatter_block"),
        ("nonblocking", "Ibcast, Iallgather, Ialltoall", "Iallgather Ialltoall"),
        ("nonblocking_reduction", "Iallreduce, Ireduce", "Iallreduce Ireduce"),
    ],
)
def test_a_call_that_does_nothing_is_caught(comm, try_it, operation, part, calls):
    for call in calls.split():
        found = try_it(leave_out(comm, call), operation, part, 13)
        parallel_assert(comm, found is not None and found.startswith(call), f"{call}: {found}")


@pytest.mark.parametrize(
    ("operation", "call"), [("bcast", "Bcast"), ("nonblocking", "Ibcast"), ("reduction", "Sum")]
)
def test_what_one_rank_has_already_is_caught_on_the_others(comm, try_it, operation, call):
    (part, *_) = TRIALS[operation]
    if call == "Sum":  # the sum of one rank is there before anything was added
        silent = type("Silent", (MPI.Intracomm,), {"Allreduce": keep_own})(comm)
    else:
        silent = leave_out(comm, call)
    found = try_it(silent, operation, part, 13)
    parallel_assert(comm, (found is not None) == (comm.size > 1), f"{call}: {found}")


def keep_own(comm, sendbuf, recvbuf, op=MPI.SUM):
    if sendbuf is not MPI.IN_PLACE:
        recvbuf.set(sendbuf.get())


@pytest.fixture
def replace(monkeypatch):
    """Return a function that gives the windows of the trials another method."""

    def give(call, method):
        kind = type("Window", (MPI.Win,), {call: method})
        create = MPI.Win.Create
        replaced = type("Replaced", (), {"Create": lambda *a, **k: kind(create(*a, **k))})
        monkeypatch.setattr("hpcpy_core.awareness.trials.windows.MPI.Win", replaced)

    return give


@pytest.mark.parametrize(
    ("operation", "part", "call", "words"),
    [
        ("rma", "Put, Get", "Put", "Put: "),
        ("rma", "Put, Get", "Get", "Get: "),
        ("rma", "Gets that cross", "Get", "Get while being read: "),
        ("accumulate", "Accumulate", "Accumulate", "Accumulate: "),
    ],
)
def test_one_sided_calls_that_do_nothing_are_caught(
    comm, try_it, replace, operation, part, call, words
):
    replace(call, lambda *_, **__: None)
    found = try_it(comm, operation, part, 13)
    parallel_assert(comm, found is not None and found.startswith(words), f"{call}: {found}")


def test_a_get_that_is_lost_only_by_a_rank_that_is_read_is_caught(comm, try_it, replace):
    get, being_read, read = MPI.Win.Get, [], set()
    looking = type("Looking", (MPI.Intracomm,), {"Iprobe": lambda _: being_read.append(True)})

    def lose(window, received, source):
        read.add(source)
        if not being_read:
            get(window, received, source)
        being_read.clear()

    replace("Get", lose)
    found = try_it(comm, "rma", "Put, Get", 13)
    parallel_assert(comm, found is None, f"without another reader: {found}")
    found = try_it(looking(comm), "rma", "Gets that cross", 13)
    seen = (found or "").startswith("Get while being read")
    parallel_assert(comm, seen == (comm.size > 1), f"with one: {found}")
    neighbours = {(comm.rank + step) % comm.size for step in (1, -1)}
    parallel_assert(comm, read == neighbours, f"it reads from {read}, so the two do not cross")


def test_a_gap_that_was_written_and_a_shift_are_seen(comm):
    with device_blocks(HostDriver()) as make:
        block = make(np.arange(5.0))
        check("right", block, np.arange(5.0))
        with pytest.raises(WrongDataError, match=r"call: item 4 of 5 is 4\.0, not -77\.0"):
            check("call", block, np.array([0.0, 1, 2, 3, -77]))
        with pytest.raises(WrongDataError, match="item 0"):
            check("call", block, np.roll(np.arange(5.0), 1))
