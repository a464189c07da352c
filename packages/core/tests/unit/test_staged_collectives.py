"""The order of copies and collective calls.

Copies and reductions are only noted here, and done when they were asked for long enough.
"""

from collections import Counter
from itertools import chain, repeat

import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core import copy_lane, staged_collectives
from hpcpy_core.copy_lane import CHUNK
from hpcpy_core.device_memory import device_memory
from hpcpy_testing.emulated_cupy import install_emulated_cupy

CHUNKS = 5


class Request:
    """Is complete when it was tested so many times."""

    def __init__(self, tests, complete):
        self.tests = tests
        self.complete = complete

    def Test(self):  # noqa: N802 - MPI's name
        self.tests -= 1
        if self.tests == 0:
            self.complete()
        return self.tests <= 0


class Comm:
    """Rank 0 or 1 of two, and notes when it calls. The other rank's items are all 1."""

    def __init__(self, notes, rank, tests=()):
        self.notes = notes
        self.rank = rank
        self.calls = 0
        self.reductions = 0
        self.sizes = []
        self.tests = chain(tests, repeat(3))

    def Bcast(self, message, root):  # noqa: N802 - MPI's name
        message[0][:] = 1 if self.rank != root else message[0]
        self.note()

    def Allreduce(self, sent, received, op):  # noqa: N802 - MPI's name
        received[:] = sent + 1
        self.note()

    def Iallreduce(self, sent, received, op):  # noqa: N802 - MPI's name
        k = self.reductions
        self.reductions += 1
        self.sizes.append(sent.nbytes)
        self.notes.append(f"reduction {k} starts")
        return Request(next(self.tests), lambda: self.reduce(k, sent, received))

    def reduce(self, k, sent, received):
        received[:] = sent + 1
        self.notes.append(f"reduction {k} is done")

    def note(self):
        self.notes.append(f"call {self.calls}")
        self.calls += 1


@pytest.fixture
def cupy(monkeypatch):
    return install_emulated_cupy(monkeypatch)


@pytest.fixture
def array(cupy):
    return cupy.arange(CHUNKS * CHUNK - 3, dtype="u1")


def test_the_root_copies_a_chunk_while_the_one_before_is_broadcast(cupy, array):
    notes = cupy.driver.notes
    staged_collectives.bcast(Comm(notes, 0), device_memory(array), 0)
    when = {note: place for place, note in enumerate(notes)}
    for k in range(CHUNKS):
        assert when[f"copy {k} is done"] < when[f"call {k}"]
        if k + 1 < CHUNKS:
            assert when[f"copy {k + 1} starts"] < when[f"call {k}"] < when[f"copy {k + 1} is done"]
        if k >= 2:  # they share their memory
            assert when[f"call {k - 2}"] < when[f"copy {k} starts"]


def test_the_others_copy_a_chunk_while_the_next_one_is_broadcast(cupy, array):
    notes = cupy.driver.notes
    staged_collectives.bcast(Comm(notes, 1), device_memory(array), 0)
    assert np.all(array.get() == 1)
    when = {note: place for place, note in enumerate(notes)}
    for k in range(CHUNKS):
        assert when[f"call {k}"] < when[f"copy {k} starts"]
        if k + 1 < CHUNKS:
            assert when[f"copy {k} starts"] < when[f"call {k + 1}"] < when[f"copy {k} is done"]
        if k >= 2:  # they share their memory
            assert when[f"copy {k - 2} is done"] < when[f"call {k}"]


def number_copies(chunks):
    """Number the copies from and to the device: two go out, then they go out and in by turns."""
    out = [0, 1, *range(2, 2 * chunks - 2, 2)][:chunks]
    into = [*range(3, 2 * chunks - 2, 2), 2 * chunks - 2, 2 * chunks - 1]
    return out, into


def test_both_ways_are_copied_while_a_chunk_is_reduced(cupy, array):
    notes, total = cupy.driver.notes, cupy.zeros_like(array)
    comm = Comm(notes, 0)
    staged_collectives.allreduce(comm, device_memory(array), device_memory(total), MPI.SUM)
    assert np.array_equal(total.get(), array.get() + np.uint8(1))
    out, into = number_copies(CHUNKS)
    when = {note: place for place, note in enumerate(notes)}
    assert when["copy 0 starts"] < when["copy 1 starts"] < when["copy 0 is done"]
    for k in range(CHUNKS):
        starts, done = when[f"reduction {k} starts"], when[f"reduction {k} is done"]
        assert when[f"copy {out[k]} is done"] < starts
        assert done < when[f"copy {into[k]} starts"]
        if k + 1 < CHUNKS:  # MPI has the next one before this one is done
            assert starts < when[f"reduction {k + 1} starts"] < done
        if k >= 1:  # while it is under way, the one before goes in and the one after comes out
            assert starts < when[f"copy {into[k - 1]} starts"] < done
        if 1 <= k < CHUNKS - 1:
            assert starts < when[f"copy {out[k + 1]} starts"] < done
        if k >= 2:  # they share their memory
            assert when[f"reduction {k - 2} is done"] < when[f"copy {out[k]} starts"]
            assert when[f"copy {into[k - 2]} is done"] < starts


def test_mpi_goes_on_while_a_copy_is_late(cupy, array, monkeypatch):
    asked, is_copied = Counter(), copy_lane.Lane.is_copied

    def late(lane, k):
        asked[lane, k] += 1
        return asked[lane, k] % 5 == 0 and is_copied(lane, k)

    monkeypatch.setattr(copy_lane.Lane, "is_copied", late)
    notes, total = cupy.driver.notes, cupy.zeros_like(array)
    comm = Comm(notes, 0)
    staged_collectives.allreduce(comm, device_memory(array), device_memory(total), MPI.SUM)
    assert np.array_equal(total.get(), array.get() + np.uint8(1))
    out, _ = number_copies(CHUNKS)
    when = {note: place for place, note in enumerate(notes)}
    for k in range(1, CHUNKS):
        assert when[f"reduction {k - 1} is done"] < when[f"copy {out[k]} is done"]


@pytest.mark.parametrize("tests", [(1,) * CHUNKS, (9, 1, 1, 9, 1), (1, 300, 1, 1, 1)])
def test_when_a_reduction_is_done_decides_nothing(cupy, array, tests):
    comm, memory = Comm(cupy.driver.notes, 0, tests), device_memory(array)
    expected = array.get() + np.uint8(1)
    staged_collectives.allreduce(comm, memory, memory, MPI.SUM)
    assert np.array_equal(array.get(), expected)
    assert comm.sizes == [CHUNK] * (CHUNKS - 1) + [CHUNK - 3]
    starts = [note for note in comm.notes if note.endswith("starts") and "red" in note]
    assert starts == [f"reduction {k} starts" for k in range(CHUNKS)]


@pytest.mark.parametrize("failing", ["Iallreduce", "reduce"])
def test_memory_of_a_reduction_that_failed_is_not_used_again(cupy, array, monkeypatch, failing):
    monkeypatch.setattr(copy_lane, "_broken", [])
    comm, memory = Comm(cupy.driver.notes, 0), device_memory(array)
    right = getattr(comm, failing)

    def fail_in_the_middle(*arguments, **options):
        return right(*arguments, **options) if comm.reductions < 3 else 1 / 0

    monkeypatch.setattr(comm, failing, fail_in_the_middle)
    with pytest.raises(ZeroDivisionError):
        staged_collectives.allreduce(comm, memory, memory, MPI.SUM)
    before = set(cupy.driver.pinned)
    again = Comm(cupy.driver.notes, 0)
    staged_collectives.allreduce(again, memory, memory, MPI.SUM)
    assert len(set(cupy.driver.pinned) - before) == len(before)


def test_a_short_array_is_reduced_by_one_blocking_call(cupy):
    array = cupy.zeros(CHUNK, dtype="u1")
    comm, memory = Comm([], 0), device_memory(array)
    staged_collectives.allreduce(comm, memory, memory, MPI.SUM)
    assert (comm.calls, comm.reductions, np.all(array.get() == 1)) == (1, 0, True)
