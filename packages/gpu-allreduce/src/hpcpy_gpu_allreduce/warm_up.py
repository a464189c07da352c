"""The first call of an algorithm that is to be timed: a fast wrong answer is not a result."""

from mpi4py import MPI

from hpcpy_core.agreement import raise_on_all
from hpcpy_core.device import Array
from hpcpy_gpu_allreduce.allreducer import Allreducer
from hpcpy_gpu_allreduce.case import Case
from hpcpy_gpu_allreduce.errors import VerificationError

__all__ = ["expect", "warm_up"]

PERIOD = 5
"""Of the items: 1, 2, 3, 4, 5, 1 ... on rank 0, and 1 on all others, exact in every dtype."""


def warm_up(reducer: Allreducer, comm: MPI.Intracomm, case: Case) -> None:
    """Fill the buffers of a reducer, reduce once, and check. Collective over comm.

    Raises
    ------
    VerificationError
        On every rank, if the result was wrong on any.
    """
    xp = case.device.xp
    pattern = xp.arange(case.count) % PERIOD + 1
    reducer.sendbuf[...] = pattern if comm.rank == 0 else xp.ones(case.count)
    expected = expect(pattern, case.reduction.name, comm.size)
    found = reducer.reduce()
    error = None
    if not bool((found == expected).all()):
        error = VerificationError(
            f"{reducer.algorithm} gave a wrong {case.reduction} of {case.count} {case.dtype} on "
            f"rank {comm.rank}: it was not timed. `hpcpy-gpu-allreduce verify` says more"
        )
    raise_on_all(comm, error)


def expect(pattern: Array, operation: str, ranks: int) -> Array:
    """Return what becomes of the pattern of rank 0 and the ones of the others. Local."""
    if operation == "sum":
        return pattern + (ranks - 1)
    if operation == "min" and ranks > 1:
        return pattern * 0 + 1
    return pattern
