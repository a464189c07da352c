"""Trials of MPI operations with the memory of a device. Importing it starts MPI."""

from collections.abc import Callable

from mpi4py import MPI

from hpcpy_core.awareness.device_block import MakeBlock
from hpcpy_core.awareness.operations import TO_ITSELF, Operation
from hpcpy_core.awareness.trials.check import WrongDataError
from hpcpy_core.awareness.trials.collectives import (
    try_bcast,
    try_gather,
    try_gatherv,
    try_nonblocking,
)
from hpcpy_core.awareness.trials.messages import (
    try_p2p,
    try_persistent,
    try_subarray,
    try_to_itself,
    try_vector,
)
from hpcpy_core.awareness.trials.reductions import (
    try_allreduce,
    try_nonblocking_reduction,
    try_persistent_collective,
    try_reduce,
)
from hpcpy_core.awareness.trials.windows import try_accumulate, try_crossing, try_rma

__all__ = ["TRIALS", "Trial", "WrongDataError"]

Trial = Callable[[MPI.Intracomm, MakeBlock, int], None]
"""Given the ranks, the maker of blocks, and how many items; raises what goes wrong."""

TRIALS: dict[Operation, dict[str, Trial]] = {
    "p2p": {"messages between ranks": try_p2p, TO_ITSELF: try_to_itself},
    "persistent": {"persistent messages": try_persistent},
    "bcast": {"Bcast": try_bcast},
    "gather": {
        "Gather, Scatter, Allgather, Alltoall": try_gather,
        "Gatherv, Scatterv, Allgatherv, Alltoallv": try_gatherv,
    },
    "reduction": {"Allreduce": try_allreduce, "Reduce, Scan, Reduce_scatter_block": try_reduce},
    "datatype": {"a vector": try_vector, "a subarray": try_subarray},
    "nonblocking": {"Ibcast, Iallgather, Ialltoall": try_nonblocking},
    "rma": {"Put, Get": try_rma, "Gets that cross": try_crossing},
    "persistent_collective": {"persistent collective calls": try_persistent_collective},
    "nonblocking_reduction": {"Iallreduce, Ireduce": try_nonblocking_reduction},
    "accumulate": {"Accumulate": try_accumulate},
}
"""The trials of each operation, by what they try."""
