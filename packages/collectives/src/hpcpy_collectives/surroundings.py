"""Under which circumstances a benchmark was taken: placement, hints, thread level."""

from collections import Counter
from typing import Any

import numpy as np
from mpi4py import MPI

from hpcpy_collectives.measure import time_block

__all__ = ["describe_surroundings", "measure_reduction"]

THREAD_LEVELS = {
    MPI.THREAD_SINGLE: "single",
    MPI.THREAD_FUNNELED: "funneled",
    MPI.THREAD_SERIALIZED: "serialized",
    MPI.THREAD_MULTIPLE: "multiple",
}

REDUCED_BYTES = 1 << 20
REPEATS = 7
ADDITIONS = 20


def describe_surroundings(comm: MPI.Intracomm) -> dict[str, Any]:
    """Return what the figures depend on besides device and transport. Collective over comm.

    Returns
    -------
    dict
        ``library``, the first line that the MPI library says of itself;
        ``placement``, ranks on every node by its name; ``hints``, the keys of the
        communicator's info that are in force; ``thread_level``.
    """
    names = comm.allgather(MPI.Get_processor_name())
    info = comm.Get_info()
    try:
        hints = dict(info.items())
    finally:
        info.Free()
    return {
        "library": MPI.Get_library_version().strip("\0 \n").splitlines()[0].strip(),
        "placement": dict(Counter(names)),
        "hints": hints,
        "thread_level": THREAD_LEVELS[MPI.Query_thread()],
    }


def measure_reduction() -> float:
    """Return the seconds that MPI_SUM takes for one byte of 4-byte floats. Local.

    It is the gamma of cost models; measured on 1 MiB with MPI_Reduce_local.
    """
    added = np.ones(REDUCED_BYTES // 4, dtype=np.float32)
    total = np.zeros_like(added)

    def add() -> None:
        MPI.SUM.Reduce_local(added, total)

    return min(time_block(add, ADDITIONS) for _ in range(REPEATS)) / ADDITIONS / REDUCED_BYTES
