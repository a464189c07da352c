"""Host arrays in whole messages: moved, combined, refused, agreed, too long to count."""

import numpy as np
import pytest
from mpi4py import MPI

from hpcpy_core import repeat_datatype
from hpcpy_core.device import CPU
from hpcpy_core.errors import InputError
from hpcpy_testing.assertions import parallel_assert, parallel_raises

pytestmark = pytest.mark.mpi

HOST = CPU.transport
N = 12


def pattern(rank, n, dtype="f8"):
    return ((np.arange(n) + np.arange(n) // 101 + 7 * rank) % 31).astype(dtype)


def fortran():
    return np.asfortranarray(np.arange(12.0).reshape(3, 4))


@pytest.mark.parametrize("which", ["sent", "received"])
@pytest.mark.parametrize("form", ["Sendrecv", "Allreduce", "Bcast", "in place"])
def test_fortran_order_is_never_scrambled(comm, form, which):
    plain = np.zeros((3, 4))
    out, into = (fortran(), plain) if which == "sent" else (plain, fortran())
    calls = {
        "Sendrecv": lambda: HOST.Sendrecv(comm, out, comm.rank, into, comm.rank),
        "Allreduce": lambda: HOST.Allreduce(comm, out, into),
        "Bcast": lambda: HOST.Bcast(comm, fortran() if comm.rank == comm.size - 1 else plain),
        "in place": lambda: HOST.Allreduce(comm, MPI.IN_PLACE, fortran()),
    }
    with parallel_raises(comm, InputError, match=r"another order.*numpy.ascontiguousarray\("):
        calls[form]()


@pytest.mark.parametrize("form", ["Bcast", "Allreduce"])
def test_one_rank_s_masked_array_is_refused_by_all(comm, form):
    array, last = np.ones(N), comm.rank == comm.size - 1
    array = np.ma.masked_array(array, mask=True) if last else array
    with parallel_raises(comm, InputError, match=r"masked array.*\.filled\(value\)"):
        if form == "Bcast":
            HOST.Bcast(comm, array)
        else:
            HOST.Allreduce(comm, array, np.zeros(N))


DIFFERENT = {
    "length": lambda last: (np.zeros(N + last), 0, MPI.SUM),
    "no items": lambda last: (np.zeros(0 if last else N), 0, MPI.SUM),
    "dtype": lambda last: (np.zeros(N, "i8" if last else "f8"), 0, MPI.SUM),
    "width": lambda last: (np.zeros(2 * N if last else N, "f4" if last else "f8"), 0, MPI.SUM),
    "root": lambda last: (np.zeros(N), int(last), MPI.SUM),
    "op": lambda last: (np.zeros(N), 0, MPI.MAX if last else MPI.SUM),
}


@pytest.mark.parametrize("what", DIFFERENT)
@pytest.mark.parametrize("form", ["Bcast", "Allreduce"])
def test_ranks_that_differ_are_named_to_all(comm, form, what):
    array, root, op = DIFFERENT[what](comm.rank == comm.size - 1)
    agrees = comm.size == 1 or (form, what) in (("Bcast", "op"), ("Allreduce", "root"))

    def call():
        if form == "Bcast":
            HOST.Bcast(comm, array, root if comm.size > 1 else 0)
        else:
            HOST.Allreduce(comm, array, np.zeros_like(array), op)

    if agrees:
        call()
        return
    with parallel_raises(comm, InputError, match=rf"not .* the same \(.*ranks? {comm.size - 1}: "):
        call()
    total = np.zeros(1)
    HOST.Allreduce(comm, np.ones(1), total)  # nothing is left over
    parallel_assert(comm, total[0] == comm.size)


@pytest.mark.parametrize("root", [-1, 99])
def test_no_such_root_is_agreed(comm, root):
    with parallel_raises(comm, InputError, match=f"there is no rank {root}: pass a root from 0"):
        HOST.Bcast(comm, np.zeros(3), root)


@pytest.mark.parametrize("n", [0, 5, N - 1, N + 1, 500_000])
def test_a_message_of_another_length_is_refused_by_its_receiver(comm, n):
    before, after = (comm.rank - 1) % comm.size, (comm.rank + 1) % comm.size
    received, message = np.zeros(N), rf"a message of {8 * n} B came for an array of 96 B"
    with parallel_raises(comm, InputError, match=message):
        HOST.Sendrecv(comm, np.ones(n), after, received, before)
    parallel_assert(comm, not received.any(), "the array was filled")
    HOST.Sendrecv(comm, pattern(comm.rank, N), after, received, before)
    parallel_assert(comm, np.array_equal(received, pattern(before, N)), "left over")


def test_arrays_that_share_memory(comm):
    array = pattern(comm.rank, N + 2)
    with parallel_raises(comm, InputError, match="share a part of their memory"):
        HOST.Allreduce(comm, array[:-2], array[2:])
    with parallel_raises(comm, InputError, match="sendbuf and recvbuf share memory"):
        HOST.Sendrecv(comm, array, comm.rank, array, comm.rank)
    HOST.Allreduce(comm, array, array)  # is in place
    expected = sum(pattern(rank, N + 2) for rank in range(comm.size))
    parallel_assert(comm, np.array_equal(array, expected), "wrong items")


def test_an_op_that_mpi_has_not_for_the_items(comm):
    with parallel_raises(comm, InputError, match="does not combine items of bool by that op"):
        HOST.Allreduce(comm, np.ones(3, bool), np.ones(3, bool))


@pytest.mark.parametrize("dtype", ["u1", "i4", "f8", "c16"])
@pytest.mark.parametrize("n", [0, 1, 100, 101, 2500])
def test_more_items_than_mpi_can_count(comm, monkeypatch, n, dtype):
    monkeypatch.setattr(repeat_datatype, "LARGEST_COUNT", 100)
    before, after = (comm.rank - 1) % comm.size, (comm.rank + 1) % comm.size
    sent, received = pattern(comm.rank, n, dtype), pattern(9, n, dtype)
    HOST.Sendrecv(comm, sent, after, received, before)
    parallel_assert(comm, np.array_equal(received, pattern(before, n, dtype)), "Sendrecv")
    if comm.rank % 2 == 0 and comm.rank + 1 < comm.size:
        HOST.Send(comm, sent, comm.rank + 1)
    elif comm.rank % 2:
        HOST.Recv(comm, received, comm.rank - 1)
    last = comm.rank - 1 if comm.rank % 2 else before
    parallel_assert(comm, np.array_equal(received, pattern(last, n, dtype)), "Send and Recv")
    root = comm.size - 1
    HOST.Bcast(comm, received if comm.rank != root else sent, root)
    given = sent if comm.rank == root else received
    parallel_assert(comm, np.array_equal(given, pattern(root, n, dtype)), "Bcast")
    own, total = pattern(comm.rank, n, dtype), np.zeros(n, dtype)
    HOST.Allreduce(comm, own, total)
    HOST.Allreduce(comm, MPI.IN_PLACE, own)
    expected = sum(pattern(rank, n, "f8") for rank in range(comm.size)).astype(dtype)
    right = np.array_equal(total, expected) and np.array_equal(own, expected)
    parallel_assert(comm, right, "Allreduce")


def test_no_call_has_more_items_than_mpi_can_count(comm, monkeypatch):
    """As Open MPI sees it: a count beyond a C int would be refused there."""
    from hpcpy_core import host_memory, whole_messages

    monkeypatch.setattr(repeat_datatype, "LARGEST_COUNT", 100)
    counts = []

    class Spy:
        def __getattr__(self, name):
            return lambda *messages: counts.extend(
                each[1] for each in messages if isinstance(each, tuple)
            )

    memory = host_memory.host_memory(np.zeros(2501, "u1"))
    other = host_memory.host_memory(np.zeros(2501, "u1"))
    whole_messages.send(Spy(), memory, 0, 0)
    whole_messages.bcast(Spy(), memory, 0)
    whole_messages.allreduce(Spy(), memory, other, MPI.SUM)
    parallel_assert(comm, max(counts) == 100 and len(counts) == 1 + 26 + 2 * 26, str(counts))
