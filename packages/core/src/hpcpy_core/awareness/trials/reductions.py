"""Collective calls that compute: MPI itself has to read and write the numbers.

Every trial takes n float64 of each rank; the sums are exact.
"""

import numpy as np
from mpi4py import MPI

from hpcpy_core.awareness.device_block import MakeBlock
from hpcpy_core.awareness.trials.check import Items, check, number_items, poison_items

__all__ = [
    "try_allreduce",
    "try_nonblocking_reduction",
    "try_persistent_collective",
    "try_reduce",
]


def try_allreduce(comm: MPI.Intracomm, make: MakeBlock, n: int) -> None:
    """Try Allreduce, in and out of place, for sums and the maximum. Collective over comm."""
    mine, total = number_items(comm.rank, n), _sum(comm.size, n)
    recvbuf = make(poison_items(n))
    comm.Allreduce(make(mine), recvbuf)
    check("Allreduce", recvbuf, total)
    recvbuf.set(mine)
    comm.Allreduce(MPI.IN_PLACE, recvbuf)
    check("Allreduce in place", recvbuf, total)
    numbers = np.arange(n, dtype=np.int32)
    largest = make(np.full(n, -1, np.int32))
    comm.Allreduce(make(numbers + np.int32(comm.rank)), largest, op=MPI.MAX)
    check("Allreduce MAX of int32", largest, numbers + comm.size - 1)


def try_reduce(comm: MPI.Intracomm, make: MakeBlock, n: int) -> None:
    """Try Reduce, Scan and Reduce_scatter_block. Collective over comm."""
    total, empty = _sum(comm.size, n), poison_items(n)
    sendbuf, recvbuf = make(number_items(comm.rank, n)), make(empty)
    for root in {0, comm.size - 1}:
        i_am_root = comm.rank == root
        recvbuf.set(empty)
        comm.Reduce(sendbuf, recvbuf if i_am_root else None, root=root)
        check("Reduce", recvbuf, total if i_am_root else empty)
    recvbuf.set(empty)
    comm.Scan(sendbuf, recvbuf)
    check("Scan", recvbuf, _sum(comm.rank + 1, n))
    m = max(1, n // comm.size)
    own, part = slice(comm.rank * m, (comm.rank + 1) * m), make(poison_items(m))
    comm.Reduce_scatter_block(make(number_items(comm.rank, comm.size * m)), part)
    check("Reduce_scatter_block", part, _sum(comm.size, comm.size * m)[own])


def try_nonblocking_reduction(comm: MPI.Intracomm, make: MakeBlock, n: int) -> None:
    """Try Iallreduce and Ireduce. Collective over comm."""
    total, root = _sum(comm.size, n), comm.size - 1
    sendbuf, recvbuf = make(number_items(comm.rank, n)), make(poison_items(n))
    comm.Iallreduce(sendbuf, recvbuf).Wait()
    check("Iallreduce", recvbuf, total)
    recvbuf.set(poison_items(n))
    comm.Ireduce(sendbuf, recvbuf if comm.rank == root else None, root=root).Wait()
    check("Ireduce", recvbuf, total if comm.rank == root else poison_items(n))


def try_persistent_collective(comm: MPI.Intracomm, make: MakeBlock, n: int) -> None:
    """Try Bcast_init, Allgather_init and Allreduce_init, each twice. Collective over comm."""
    sendbuf, recvbuf, gathered = (make(poison_items(m)) for m in (n, n, comm.size * n))
    buf = make(poison_items(n))
    requests = [
        comm.Bcast_init(buf, root=0),
        comm.Allgather_init(sendbuf, gathered),
        comm.Allreduce_init(sendbuf, recvbuf),
    ]
    for turn in range(2):
        sendbuf.set(number_items(comm.rank + turn, n))
        buf.set(number_items(turn, n) if comm.rank == 0 else poison_items(n))
        MPI.Prequest.Startall(requests)
        MPI.Request.Waitall(requests)
        parts = [number_items(rank + turn, n) for rank in range(comm.size)]
        check("Bcast_init", buf, number_items(turn, n))
        check("Allgather_init", gathered, np.concatenate(parts))
        check("Allreduce_init", recvbuf, np.sum(parts, axis=0))
    for request in requests:
        request.Free()


def _sum(ranks: int, n: int) -> Items:
    """Return the sum of the items of the first ranks."""
    total: Items = np.sum([number_items(rank, n) for rank in range(ranks)], axis=0)
    return total
