"""One algorithm, one case: run it in every way that it can be called, and look at the results."""

from collections.abc import Iterator
from typing import Any
from zlib import crc32

import numpy as np
from mpi4py import MPI

from hpcpy_core.device import Array, Device
from hpcpy_gpu_allreduce.allreducer import Allreducer
from hpcpy_gpu_allreduce.reduction import Reduction
from hpcpy_gpu_allreduce.references import find_bound, make_items, reduce_exactly

__all__ = ["Finding", "Reference", "check_algorithm"]

WAYS = ("separate arrays", "in place", "own buffers")

Finding = tuple[float, str | None]
"""The largest error as a part of its bound, and what is wrong, or None."""


class Reference:
    """What the items of this rank are, and what must become of them. Local."""

    def __init__(
        self, comm: MPI.Intracomm, count: int, dtype: np.dtype[Any], reduction: Reduction
    ) -> None:
        self.reduction = reduction
        self.items = make_items(comm.rank, comm.size, count, dtype)
        self.result = reduce_exactly(reduction.name, comm.size, count, dtype)
        self.bound = find_bound(reduction.name, comm.size, count, dtype)

    def judge(self, found: Array) -> Finding:
        """Compare a result, on the host, with what it must be."""
        # Differences of integers wrap around too, and a wrong one may look like none.
        distance = np.inf if found.dtype.kind in "iu" else np.abs(found - self.result)
        error = np.where(found == self.result, 0.0, distance)
        if not error.size:
            return 0.0, None
        outside = ~(error <= self.bound)  # a NaN is outside
        if outside.any():
            index = int(outside.argmax())
            return np.inf, f"at index {index}: {found[index]}, not {self.result[index]}"
        with np.errstate(invalid="ignore"):
            return float(np.nan_to_num(error / self.bound).max()), None


def check_algorithm(
    algorithm: str, comm: MPI.Intracomm, device: Device, reference: Reference
) -> Iterator[Finding]:
    """Yield what was found in each way to call it. Collective over comm; the same on all ranks.

    Parameters
    ----------
    algorithm
        One that is possible here.
    comm, device
        Who reduces, and where the arrays are.
    reference
        Of this rank.
    """
    items, xp = reference.items, device.xp
    op = reference.reduction.op
    with Allreducer(
        items.shape, items.dtype, comm, op=op, algorithm=algorithm, device=device, agreement="once"
    ) as reducer:
        for way in WAYS:
            into = xp.zeros(items.shape, items.dtype)
            sent = into
            if way == "own buffers":
                sent, into = reducer.sendbuf, reducer.recvbuf
            elif way == "separate arrays":
                sent = xp.zeros(items.shape, items.dtype)
            sent[...] = xp.asarray(items)
            found = device.to_host(reducer.reduce(sent, into))
            part, wrong = reference.judge(found)
            if wrong is None and sent is not into and (device.to_host(sent) != items).any():
                wrong = "what was sent has changed"
            yield _agree(comm, part, wrong and f"{way}, {wrong}", found)


def _agree(comm: MPI.Intracomm, part: float, wrong: str | None, found: Array) -> Finding:
    """Return the lowest rank's complaint, or that ranks have other bits. Collective over comm."""
    bits = crc32(found.tobytes())
    everybody: list[tuple[float, str | None, int]] = comm.allgather((part, wrong, bits))
    largest = max(part for part, _, _ in everybody)
    for rank, (_, complaint, other) in enumerate(everybody):
        if complaint is not None:
            return largest, f"rank {rank}, {complaint}"
        if other != everybody[0][2]:
            return largest, f"rank {rank} has other bits than rank 0"
    return largest, None
