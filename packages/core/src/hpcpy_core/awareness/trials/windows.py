"""One-sided calls: what one rank reads from, writes to and adds to the memory of another.

Every trial takes n float64.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from mpi4py import MPI

from hpcpy_core.awareness.device_block import Block, MakeBlock
from hpcpy_core.awareness.trials.check import check, number_items, poison_items

__all__ = ["try_accumulate", "try_crossing", "try_rma"]

ROUNDS = 2
PAUSE = 0.01
"""Seconds outside of MPI: time for the other rank to fill the way between the two."""
LOOKS = 4
"""Into MPI: enough for it to begin an answer, and too few to end it."""


def try_rma(comm: MPI.Intracomm, make: MakeBlock, n: int) -> None:
    """Try Put and Get between fences, and under a lock. Collective over comm."""
    after, before = (comm.rank + 1) % comm.size, (comm.rank - 1) % comm.size
    mine, received = make(number_items(comm.rank, n)), make(poison_items(n))
    memory = make(poison_items(n))
    with _window(comm, memory) as window:
        window.Fence()
        window.Put(mine, after)
        window.Fence()
        check("Put", memory, number_items(before, n))
        window.Get(received, after)
        window.Fence()
        check("Get", received, number_items(comm.rank, n))
        memory.set(number_items(comm.rank + 1, n))
        received.set(poison_items(n))
        comm.Barrier()
        window.Lock(after, MPI.LOCK_SHARED)
        window.Get(received, after)
        window.Unlock(after)
        check("Get under a lock", received, number_items(after + 1, n))
        comm.Barrier()
        window.Lock(after)
        window.Put(mine, after)
        window.Unlock(after)
        comm.Barrier()
        window.Lock(comm.rank)  # so that this rank sees its own memory as others wrote it
        window.Unlock(comm.rank)
        check("Put under a lock", memory, number_items(before, n))


def try_crossing(comm: MPI.Intracomm, make: MakeBlock, n: int) -> None:
    """Try Get from a rank that is about to be answered itself. Collective over comm.

    That rank reads first, and then does something else than MPI. So the answer gets stuck, and
    the Get that comes now has to wait behind it. UCX 1.22 does not count what waits: its flush,
    and so Unlock, Fence and Rget of Open MPI, end before such a Get has begun.
    """
    after, before = (comm.rank + 1) % comm.size, (comm.rank - 1) % comm.size
    right, empty = {rank: number_items(rank, n) for rank in (after, before)}, poison_items(n)
    memory, received = make(number_items(comm.rank, n)), make(empty)
    with _window(comm, memory) as window:
        for turn in range(ROUNDS * comm.size):
            second = turn % comm.size
            source = before if comm.rank == second else after
            told = MPI.REQUEST_NULL
            received.set(empty)
            window.Lock(source, MPI.LOCK_SHARED)
            comm.Barrier()
            if after == second:
                window.Get(received, after)
                told = comm.Isend(bytearray(1), after)
                time.sleep(PAUSE)
            if comm.rank == second:
                comm.Recv(bytearray(1), before)
                for _ in range(LOOKS):
                    comm.Iprobe()
                window.Get(received, before)
            window.Unlock(source)
            told.Wait()
            if second in (comm.rank, after):
                check("Get while being read", received, right[source])


def try_accumulate(comm: MPI.Intracomm, make: MakeBlock, n: int) -> None:
    """Try Accumulate between fences. Collective over comm."""
    after, before = (comm.rank + 1) % comm.size, (comm.rank - 1) % comm.size
    mine, memory = make(number_items(comm.rank, n)), make(number_items(comm.rank, n))
    with _window(comm, memory) as window:
        window.Fence()
        window.Accumulate(mine, after, op=MPI.SUM)
        window.Fence()
        check("Accumulate", memory, number_items(comm.rank, n) + number_items(before, n))


@contextmanager
def _window(comm: MPI.Intracomm, memory: Block) -> Iterator[MPI.Win]:
    """Open the memory of each rank to the others. Collective over comm."""
    window = MPI.Win.Create(memory, disp_unit=MPI.DOUBLE.size, comm=comm)
    yield window
    window.Free()  # not after an error: the others do not come
