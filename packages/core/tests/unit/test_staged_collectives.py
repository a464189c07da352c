"""The order of copies and collective calls, and what lengths that differ end in.

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
from hpcpy_core.errors import InputError
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

    def __init__(self, notes, rank, length, tests=()):
        self.notes = notes
        self.rank = rank
        self.length = length
        self.calls = -1  # the first one is about the length
        self.reductions = 0
        self.sizes = []
        self.tests = chain(tests, repeat(3))

    def Bcast(self, message, root):  # noqa: N802 - MPI's name
        if self.calls >= 0:
            message[0][:] = 1 if self.rank != root else message[0]
        elif self.rank != root:
            message[0] = self.length
        self.note()

    def Allreduce(self, sent, received, op):  # noqa: N802 - MPI's name
        if self.calls >= 0:
            received[:] = sent + 1
        else:
            assert (sent, op) == (MPI.IN_PLACE, MPI.MAX)
            np.maximum(received, [self.length, -self.length], out=received)
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
    staged_collectives.bcast(Comm(notes, 0, array.nbytes), device_memory(array), 0)
    when = {note: place for place, note in enumerate(notes)}
    assert when["copy 0 starts"] < when["call -1"] < when["copy 0 is done"]
    for k in range(CHUNKS):
        assert when[f"copy {k} is done"] < when[f"call {k}"]
        if k + 1 < CHUNKS:
            assert when[f"copy {k + 1} starts"] < when[f"call {k}"] < when[f"copy {k + 1} is done"]
        if k >= 2:  # they share their memory
            assert when[f"call {k - 2}"] < when[f"copy {k} starts"]


def test_the_others_copy_a_chunk_while_the_next_one_is_broadcast(cupy, array):
    notes = cupy.driver.notes
    staged_collectives.bcast(Comm(notes, 1, array.nbytes), device_memory(array), 0)
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
    comm = Comm(notes, 0, array.nbytes)
    staged_collectives.allreduce(comm, device_memory(array), device_memory(total), MPI.SUM)
    assert np.array_equal(total.get(), array.get() + np.uint8(1))
    out, into = number_copies(CHUNKS)
    when = {note: place for place, note in enumerate(notes)}
    assert when["copy 0 starts"] < when["copy 1 starts"] < when["call -1"] < when["copy 0 is done"]
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
    comm = Comm(notes, 0, array.nbytes)
    staged_collectives.allreduce(comm, device_memory(array), device_memory(total), MPI.SUM)
    assert np.array_equal(total.get(), array.get() + np.uint8(1))
    out, _ = number_copies(CHUNKS)
    when = {note: place for place, note in enumerate(notes)}
    for k in range(1, CHUNKS):
        assert when[f"reduction {k - 1} is done"] < when[f"copy {out[k]} is done"]


@pytest.mark.parametrize("tests", [(1,) * CHUNKS, (9, 1, 1, 9, 1), (1, 300, 1, 1, 1)])
def test_when_a_reduction_is_done_decides_nothing(cupy, array, tests):
    comm, memory = Comm(cupy.driver.notes, 0, array.nbytes, tests), device_memory(array)
    expected = array.get() + np.uint8(1)
    staged_collectives.allreduce(comm, memory, memory, MPI.SUM)
    assert np.array_equal(array.get(), expected)
    assert comm.sizes == [CHUNK] * (CHUNKS - 1) + [CHUNK - 3]
    starts = [note for note in comm.notes if note.endswith("starts") and "red" in note]
    assert starts == [f"reduction {k} starts" for k in range(CHUNKS)]


@pytest.mark.parametrize("failing", ["Iallreduce", "reduce"])
def test_memory_of_a_reduction_that_failed_is_not_used_again(cupy, array, monkeypatch, failing):
    monkeypatch.setattr(copy_lane, "_broken", [])
    comm, memory = Comm(cupy.driver.notes, 0, array.nbytes), device_memory(array)
    right = getattr(comm, failing)

    def fail_in_the_middle(*arguments, **options):
        return right(*arguments, **options) if comm.reductions < 3 else 1 / 0

    monkeypatch.setattr(comm, failing, fail_in_the_middle)
    with pytest.raises(ZeroDivisionError):
        staged_collectives.allreduce(comm, memory, memory, MPI.SUM)
    before = set(cupy.driver.pinned)
    again = Comm(cupy.driver.notes, 0, array.nbytes)
    staged_collectives.allreduce(again, memory, memory, MPI.SUM)
    assert len(set(cupy.driver.pinned) - before) == len(before)


@pytest.mark.parametrize("length", [0, 7, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_another_length_than_the_root_s_is_refused_after_the_last_chunk(cupy, length):
    array = cupy.zeros(2 * CHUNK, dtype="u1")
    comm = Comm([], 1, length)
    with pytest.raises(InputError, match=rf"rank 0 broadcasts {length} B, .* rank 1 has 4186112 B"):
        staged_collectives.bcast(comm, device_memory(array), 0)
    assert comm.calls == max(1, -(-length // CHUNK))
    assert not np.any(array.get())


@pytest.mark.parametrize("length", [CHUNK + 8, 3 * CHUNK])
def test_long_arrays_of_different_lengths_are_not_reduced(cupy, length):
    array = cupy.zeros(2 * CHUNK, dtype="u1")
    comm, memory = Comm([], 0, length), device_memory(array)
    message = rf"rank 0 has {2 * CHUNK} B, but others from {min(length, 2 * CHUNK)} to"
    with pytest.raises(InputError, match=message):
        staged_collectives.allreduce(comm, memory, memory, MPI.SUM)
    assert (comm.calls, comm.reductions) == (0, 0)


def test_a_short_array_is_reduced_by_one_blocking_call(cupy):
    array = cupy.zeros(CHUNK, dtype="u1")
    comm, memory = Comm([], 0, None), device_memory(array)
    comm.calls = 0
    staged_collectives.allreduce(comm, memory, memory, MPI.SUM)
    assert (comm.calls, comm.reductions, np.all(array.get() == 1)) == (1, 0, True)


@pytest.mark.parametrize(("n", "dtype"), [(16, "u1"), (3, "f8")])
def test_what_is_sent_and_received_has_one_type_and_length(cupy, n, dtype):
    sent, received = cupy.zeros(2, dtype="f8"), cupy.zeros(n, dtype=dtype)
    with pytest.raises(InputError, match=r"sendbuf has .* but recvbuf .*same shape and dtype"):
        staged_collectives.allreduce(
            Comm([], 0, None), device_memory(sent), device_memory(received), MPI.SUM
        )
