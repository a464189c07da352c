"""The order of copies and messages: the device copies a chunk while MPI has another.

Copies and messages are only noted here, and done when they are waited for.
"""

import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core import copy_lane, staged_messages
from hpcpy_core.copy_lane import CHUNK
from hpcpy_core.device_memory import device_memory
from hpcpy_testing.emulated_cupy import install_emulated_cupy

CHUNKS = 5


class Request:
    """Is complete when it was tested three times."""

    def __init__(self, complete):
        self.tests = 0
        self.complete = complete

    def Test(self, status=None):  # noqa: N802 - MPI's name
        self.tests += 1
        if self.tests == 3:
            self.complete()
        return self.tests >= 3


class Comm:
    """Notes when a message is started, and when it has come or gone."""

    def __init__(self, notes, total):
        self.notes = notes
        self.total = total
        self.sent = []
        self.received = 0

    def Isend(self, message, dest, tag):  # noqa: N802 - MPI's name
        k, (items, _) = len(self.sent), message
        self.sent.append(None)
        self.notes.append(f"message {k} starts")
        return Request(lambda: self.go(k, items))

    def go(self, k, items):
        self.sent[k] = items.copy()
        self.notes.append(f"message {k} is done")

    def Irecv(self, message, source, tag):  # noqa: N802 - MPI's name
        k, (items, _) = self.received, message
        self.received += 1
        self.notes.append(f"message {k} starts")
        return Request(lambda: self.come(k, items))

    def come(self, k, items):
        items[:] = k
        if k == 0:
            items[CHUNK:].view(np.int64)[0] = self.total
        self.notes.append(f"message {k} is done")


class Status:
    """Of a first chunk, with the length behind it."""

    source, tag = 0, 0

    def Get_count(self, datatype):  # noqa: N802 - MPI's name
        return CHUNK + 8


@pytest.fixture
def cupy(monkeypatch):
    return install_emulated_cupy(monkeypatch)


@pytest.fixture
def notes(cupy):
    return cupy.driver.notes


@pytest.fixture
def array(cupy):
    return cupy.arange(CHUNKS * CHUNK - 3, dtype="u1")


def test_a_sender_copies_a_chunk_while_the_one_before_is_on_its_way(notes, array):
    comm = Comm(notes, array.nbytes)
    staged_messages.send(comm, device_memory(array), 0, 0)
    sent = np.concatenate(comm.sent)
    assert np.array_equal(np.delete(sent, range(CHUNK, CHUNK + 8)), array.get())
    when = {note: place for place, note in enumerate(notes)}
    for k in range(CHUNKS):
        assert when[f"copy {k} is done"] < when[f"message {k} starts"]
        if k + 1 < CHUNKS:
            assert when[f"message {k} starts"] < when[f"copy {k + 1} starts"]
            assert when[f"copy {k + 1} starts"] < when[f"message {k} is done"]
            assert when[f"message {k + 1} starts"] < when[f"message {k} is done"]
        if k >= 2:  # they share their memory
            assert when[f"message {k - 2} is done"] < when[f"copy {k} starts"]


def test_a_receiver_copies_a_chunk_while_the_next_one_comes(notes, array, monkeypatch):
    monkeypatch.setattr(MPI, "Status", Status)
    comm = Comm(notes, array.nbytes)
    staged_messages.recv(comm, device_memory(array), 0, 0)
    assert np.array_equal(array.get(), np.repeat(np.arange(CHUNKS), CHUNK)[:-3])
    when = {note: place for place, note in enumerate(notes)}
    for k in range(CHUNKS):
        assert when[f"message {k} is done"] < when[f"copy {k} starts"]
        if k + 1 < CHUNKS:
            assert when[f"message {k + 1} starts"] < when[f"copy {k} starts"]
            assert when[f"copy {k} starts"] < when[f"message {k + 1} is done"]
        if k >= 2:  # they share their memory
            assert when[f"copy {k - 2} is done"] < when[f"message {k} starts"]


def test_what_goes_nowhere_is_not_copied(notes, array):
    staged_messages.send(Comm(notes, array.nbytes), device_memory(array), MPI.PROC_NULL, 0)
    assert notes == []


def test_nothing_is_allocated_for_a_message(cupy, notes, array):
    for _ in range(3):
        staged_messages.send(Comm(notes, array.nbytes), device_memory(array), 0, 0)
    assert sum(each.nbytes for each in cupy.pinned) == 2 * (CHUNK + copy_lane.ROOM)


def test_memory_of_a_message_that_failed_is_not_used_again(cupy, notes, array, monkeypatch):
    monkeypatch.setattr(copy_lane, "_broken", [])
    driver = cupy.driver
    comm = Comm(notes, array.nbytes)
    monkeypatch.setattr(comm, "go", lambda k, items: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        staged_messages.send(comm, device_memory(array), 0, 0)
    before = set(driver.pinned)
    staged_messages.send(Comm(notes, array.nbytes), device_memory(array), 0, 0)
    assert before < set(driver.pinned)
