"""The order of copies and collective calls, and what lengths that differ end in."""

import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core import staged_collectives
from hpcpy_core.copy_lane import CHUNK
from hpcpy_core.device_memory import device_memory
from hpcpy_core.errors import InputError
from hpcpy_testing.emulated_cupy import install_emulated_cupy

CHUNKS = 5


class Comm:
    """Rank 0 or 1 of two, and notes when it calls. The other rank's items are all 1."""

    def __init__(self, notes, rank, length):
        self.notes = notes
        self.rank = rank
        self.length = length
        self.calls = -1  # the first one is about the length

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


def test_both_ways_are_copied_while_a_chunk_is_reduced(cupy, array):
    notes, total = cupy.driver.notes, cupy.zeros_like(array)
    comm = Comm(notes, 0, array.nbytes)
    staged_collectives.allreduce(comm, device_memory(array), device_memory(total), MPI.SUM)
    assert np.array_equal(total.get(), array.get() + np.uint8(1))
    # Numbers of copies: 0 and 1 go out, and then they go out and in by turns.
    out = [0, *range(1, 2 * CHUNKS - 2, 2)]
    into = [*range(2, 2 * CHUNKS - 1, 2), 2 * CHUNKS - 1]
    when = {note: place for place, note in enumerate(notes)}
    assert when["copy 0 starts"] < when["call -1"] < when["copy 0 is done"]
    for k in range(CHUNKS):
        assert when[f"copy {out[k]} is done"] < when[f"call {k}"] < when[f"copy {into[k]} starts"]
        if k + 1 < CHUNKS:
            reduced, following = when[f"call {k}"], when[f"call {k + 1}"]
            assert when[f"copy {out[k + 1]} starts"] < reduced < when[f"copy {out[k + 1]} is done"]
            assert when[f"copy {into[k]} starts"] < following < when[f"copy {into[k]} is done"]
        if k >= 2:
            assert when[f"call {k - 2}"] < when[f"copy {out[k]} starts"]
            assert when[f"copy {into[k - 2]} is done"] < when[f"call {k}"]


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
    assert comm.calls == 0


def test_a_short_array_is_reduced_by_one_call(cupy):
    array = cupy.zeros(CHUNK, dtype="u1")
    comm, memory = Comm([], 0, None), device_memory(array)
    comm.calls = 0
    staged_collectives.allreduce(comm, memory, memory, MPI.SUM)
    assert (comm.calls, np.all(array.get() == 1)) == (1, True)


@pytest.mark.parametrize(("n", "dtype"), [(16, "u1"), (3, "f8")])
def test_what_is_sent_and_received_has_one_type_and_length(cupy, n, dtype):
    sent, received = cupy.zeros(2, dtype="f8"), cupy.zeros(n, dtype=dtype)
    with pytest.raises(InputError, match=r"sendbuf has .* but recvbuf .*same shape and dtype"):
        staged_collectives.allreduce(
            Comm([], 0, None), device_memory(sent), device_memory(received), MPI.SUM
        )
