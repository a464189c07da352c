"""Ask the MPI library whether it reduces a dtype, and as all others do."""

from typing import Any

import numpy as np
from mpi4py import MPI

from hpcpy_gpu_allreduce.reduction import Reduction

__all__ = ["explain_lack"]

LENGTH = 131
"""Items: the widest vectors of a processor, twice, and a rest, which libraries treat apart."""


def explain_lack(dtype: np.dtype[Any], reduction: Reduction) -> str | None:
    """Return why this MPI cannot reduce a dtype, or None. Local.

    It is tried on two arrays. Integers must wrap around, as everywhere else: where Open MPI uses
    vectors, sums of 8 and 16 bits end at the largest number, and those of the rest of the same
    array do not.
    """
    largest = np.iinfo(dtype).max if dtype.kind in "iu" else 3
    first, second = np.full(LENGTH, largest, dtype), np.full(LENGTH, 2, dtype)
    expected = np.empty(LENGTH, dtype)
    reduction.combine(np, first, second, expected)
    try:
        reduction.op.Reduce_local(first, second)
    except (MPI.Exception, KeyError, ValueError):  # float16 is in no standard of MPI so far
        return f"this MPI has no {reduction} of {dtype}"
    wrong = second != expected
    if not wrong.any():
        return None
    return (
        f"{reduction} of {dtype} is not that of other algorithms in this MPI: {largest} and 2 "
        f"become {second[wrong][0]}, not {expected[wrong][0]}"
    )
