"""Messages between two ranks, and what is received combined with what is there.

The algorithms that are made of messages differ in who talks to whom about which part; how a
part travels is the same, and is here.
"""

from collections.abc import Iterator
from itertools import zip_longest

import numpy as np
from mpi4py import MPI

from hpcpy_core import repeat_datatype, whole_messages
from hpcpy_core.device import Array
from hpcpy_core.host_memory import host_memory
from hpcpy_gpu_allreduce.case import Case

__all__ = ["SEGMENT", "Messages", "list_segments"]

SEGMENT = 1 << 18
"""Bytes of host memory that are received before they are combined: they are still in a core's
cache then."""

NOBODY = MPI.PROC_NULL


class Messages:
    """The messages of one case. Its methods take parts of flat arrays of the case's device.

    Both sides of a message must cut it alike, so all ranks make theirs with the same case. A
    part of no items is not sent.
    """

    def __init__(self, case: Case) -> None:
        self._case = case
        items = max(1, case.count)
        # A transport cuts what it stages itself, and a kernel is better launched once.
        fits = SEGMENT // case.dtype.itemsize if case.device.kind == "cpu" else items
        self._scratch = case.device.xp.empty(min(items, fits), case.dtype)

    def exchange(self, out: Array, dest: int, into: Array, source: int) -> None:
        """Send `out`, and receive `into`, which must not overlap. Local, with a partner each."""
        dest, source = (dest if out.size else NOBODY), (source if into.size else NOBODY)
        if dest != NOBODY or source != NOBODY:
            # Bytes, since MPI need not know the dtype.
            sent, received = out.view(np.uint8), into.view(np.uint8)
            comm, transport = self._case.comm, self._case.device.transport
            if transport.name != "host":
                transport.Sendrecv(comm, sent, dest, received, source)
            elif max(sent.size, received.size) <= repeat_datatype.LARGEST_COUNT:
                comm.Sendrecv(sent, dest, 0, received, source)  # the lengths are agreed
            else:
                memory = host_memory(sent), host_memory(received)
                whole_messages.exchange(comm, memory[0], dest, memory[1], source)

    def send(self, out: Array, dest: int) -> None:
        """Send `out` to a rank that calls `combine`. Local."""
        self.exchange_and_combine(out, dest, out[:0], out[:0], NOBODY)

    def combine(self, mine: Array, into: Array, source: int) -> None:
        """Let `into` become `mine` combined with what a rank sends. Local; see below."""
        self.exchange_and_combine(into[:0], NOBODY, mine, into, source)

    def exchange_and_combine(
        self, out: Array, dest: int, mine: Array, into: Array, source: int
    ) -> None:
        """Send `out`, and let `into` become `mine` combined with what `source` sends. Local.

        Parameters
        ----------
        out
            What `dest` shall have; `into` must not overlap it, but in the same places.
        mine, into
            Of the same length; they may be the same. The items of the lower rank come first.
        dest, source
            Ranks, or MPI.PROC_NULL with no items.
        """
        step, combine = self._scratch.size, self._case.combine
        theirs_first = source < self._case.comm.rank
        for give, take in list_segments(out.size, into.size, step):
            received = self._scratch[: take.stop - take.start]
            self.exchange(out[give], dest, received, source)
            if received.size:
                pair = (received, mine[take]) if theirs_first else (mine[take], received)
                combine(pair[0], pair[1], into[take])


def list_segments(out: int, into: int, step: int) -> Iterator[tuple[slice, slice]]:
    """Return what is sent and what is received in each turn, until both are done. Local.

    The k-th segment of a length does not depend on the other length, so that both sides of a
    message agree.
    """
    pairs = zip_longest(range(0, out, step), range(0, into, step))
    for give, take in pairs:
        yield _segment(give, out, step), _segment(take, into, step)


def _segment(start: int | None, length: int, step: int) -> slice:
    return slice(0, 0) if start is None else slice(start, min(start + step, length))
