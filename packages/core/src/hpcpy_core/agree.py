"""One small allreduce tells whether all ranks want the same, and nothing is wrong on any."""

from hashlib import blake2b

import numpy as np
from mpi4py import MPI

from hpcpy_core.agreement import raise_on_all
from hpcpy_core.errors import InputError

__all__ = ["agree"]


def agree(
    comm: MPI.Intracomm,
    wish: str,
    error: Exception | None,
    *,
    what: str = "the ranks do not want the same",
    cure: str = "pass arrays of one shape and dtype, and the same other arguments, on all ranks",
) -> None:
    """Go on only if all ranks wish the same, and none has an error. Collective over comm.

    Parameters
    ----------
    comm
        The ranks.
    wish
        What this rank is about to do, in words.
    error
        What is wrong on this rank, or None.
    what, cure
        For the message: what is wrong where wishes differ, and what to do.

    Raises
    ------
    InputError
        On every rank, if wishes differ: says which ranks wish what.
    Exception
        The error of the lowest rank that has one, on every rank.
    """
    mark = int.from_bytes(blake2b(wish.encode(), digest_size=7).digest())
    # The largest and, with the other sign, the smallest mark: they are the same if all are.
    marks = np.array([error is not None, mark, -mark])
    comm.Allreduce(MPI.IN_PLACE, marks, op=MPI.MAX)
    failed, largest, smallest = marks.tolist()
    if failed:
        raise_on_all(comm, error)
    if largest != -smallest:
        told = _describe(comm.allgather(wish))
        raise_on_all(comm, InputError(f"{what} ({told}): {cure}"))


def _describe(wishes: list[str]) -> str:
    ranks: dict[str, list[str]] = {}
    for rank, wish in enumerate(wishes):
        ranks.setdefault(wish, []).append(str(rank))
    return "; ".join(
        f"rank{'s' if len(some) > 1 else ''} {', '.join(some)}: {wish}"
        for wish, some in ranks.items()
    )
