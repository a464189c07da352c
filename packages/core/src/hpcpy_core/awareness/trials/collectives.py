"""Collective calls that move data and compute nothing.

Every trial takes about n float64, in all parts together.
"""

import numpy as np
from mpi4py import MPI

from hpcpy_core.awareness.device_block import MakeBlock
from hpcpy_core.awareness.trials.check import POISON, Items, check, number_items, poison_items

__all__ = ["try_bcast", "try_gather", "try_gatherv", "try_nonblocking"]


def try_bcast(comm: MPI.Intracomm, make: MakeBlock, n: int) -> None:
    """Try Bcast, from the first rank and from the last. Collective over comm."""
    for root in {0, comm.size - 1}:
        buf = make(number_items(root, n) if comm.rank == root else poison_items(n))
        comm.Bcast(buf, root=root)
        check("Bcast", buf, number_items(root, n))


def try_gather(comm: MPI.Intracomm, make: MakeBlock, n: int) -> None:
    """Try Gather, Scatter, Allgather and Alltoall. Collective over comm."""
    n = _share(n, comm)
    mine, of_all, empty = number_items(comm.rank, n), _of_all(comm, n), poison_items(comm.size * n)
    sendbuf, whole = make(mine), make(of_all)
    for root in {0, comm.size - 1}:
        i_am_root = comm.rank == root
        recvbuf, part = make(empty), make(poison_items(n))
        comm.Gather(sendbuf, recvbuf if i_am_root else None, root=root)
        check("Gather", recvbuf, of_all if i_am_root else empty)
        comm.Scatter(whole if i_am_root else None, part, root=root)
        check("Scatter", part, mine)
    recvbuf = make(empty)
    comm.Allgather(sendbuf, recvbuf)
    check("Allgather", recvbuf, of_all)
    recvbuf.set(empty)
    comm.Alltoall(make(number_items(comm.rank, comm.size * n)), recvbuf)
    check("Alltoall", recvbuf, _from_all(comm, n))


def try_gatherv(comm: MPI.Intracomm, make: MakeBlock, n: int) -> None:
    """Try Gatherv, Allgatherv, Alltoallv and Scatterv. Collective over comm.

    After the part of each rank is a gap of one item, which must stay as it was.
    """
    n = _share(n, comm)
    rows = (comm.size, n + 1)
    counts, places = [n] * comm.size, [rank * (n + 1) for rank in range(comm.size)]
    root, empty = comm.size - 1, poison_items(comm.size * (n + 1))
    gathered = np.full(rows, POISON)
    gathered[:, :n] = _of_all(comm, n).reshape(comm.size, n)
    exchanged = np.full(rows, POISON)
    spaced = [number_items(rank, comm.size * (n + 1)).reshape(rows) for rank in range(comm.size)]
    exchanged[:, :n] = [items[comm.rank, :n] for items in spaced]

    sendbuf, recvbuf = make(number_items(comm.rank, n)), make(empty)
    parts = [recvbuf, counts, places, MPI.DOUBLE]
    comm.Gatherv(sendbuf, parts if comm.rank == root else None, root=root)
    check("Gatherv", recvbuf, gathered.ravel() if comm.rank == root else empty)
    recvbuf.set(empty)
    comm.Allgatherv(sendbuf, parts)
    check("Allgatherv", recvbuf, gathered.ravel())
    recvbuf.set(empty)
    whole = [make(spaced[comm.rank].ravel()), counts, places, MPI.DOUBLE]
    comm.Alltoallv(whole, parts)
    check("Alltoallv", recvbuf, exchanged.ravel())
    part = make(poison_items(n))
    comm.Scatterv(whole if comm.rank == root else None, part, root=root)
    check("Scatterv", part, spaced[root][comm.rank, :n])


def try_nonblocking(comm: MPI.Intracomm, make: MakeBlock, n: int) -> None:
    """Try Ibcast, Iallgather and Ialltoall. Collective over comm."""
    root = comm.size - 1
    buf = make(number_items(root, n) if comm.rank == root else poison_items(n))
    comm.Ibcast(buf, root=root).Wait()
    check("Ibcast", buf, number_items(root, n))
    n = _share(n, comm)
    sendbuf, recvbuf = make(number_items(comm.rank, n)), make(poison_items(comm.size * n))
    comm.Iallgather(sendbuf, recvbuf).Wait()
    check("Iallgather", recvbuf, _of_all(comm, n))
    recvbuf.set(poison_items(comm.size * n))
    comm.Ialltoall(make(number_items(comm.rank, comm.size * n)), recvbuf).Wait()
    check("Ialltoall", recvbuf, _from_all(comm, n))


def _share(n: int, comm: MPI.Intracomm) -> int:
    """Return how many items are for each rank."""
    return max(1, n // comm.size)


def _of_all(comm: MPI.Intracomm, n: int) -> Items:
    """Return the items of all ranks, one after the other."""
    return np.concatenate([number_items(rank, n) for rank in range(comm.size)])


def _from_all(comm: MPI.Intracomm, n: int) -> Items:
    """Return what all ranks have for this one, where each has n items for every rank."""
    mine = slice(comm.rank * n, (comm.rank + 1) * n)
    return np.concatenate([number_items(rank, comm.size * n)[mine] for rank in range(comm.size)])
