"""The classes of MPI operations that take device memory, or do not, each for itself."""

from typing import Literal, get_args

__all__ = ["EXAMPLES", "OPERATIONS", "TO_ITSELF", "Operation"]

Operation = Literal[
    "p2p",
    "persistent",
    "bcast",
    "gather",
    "reduction",
    "datatype",
    "nonblocking",
    "rma",
    "persistent_collective",
    "nonblocking_reduction",
    "accumulate",
]

OPERATIONS: tuple[Operation, ...] = get_args(Operation)
"""In the order in which they are tried: what fails most often comes last."""

EXAMPLES: dict[Operation, str] = {
    "p2p": "Send, Recv, Sendrecv, Isend, Irecv",
    "persistent": "Send_init, Recv_init",
    "bcast": "Bcast",
    "gather": "Gather, Scatter, Allgather, Alltoall, and those that end in v",
    "reduction": "Reduce, Allreduce, Reduce_scatter_block, Scan",
    "datatype": "messages of a derived datatype: vector, subarray",
    "nonblocking": "Ibcast, Iallgather, Ialltoall",
    "rma": "Put, Get",
    "persistent_collective": "Bcast_init, Allgather_init, Allreduce_init",
    "nonblocking_reduction": "Ireduce, Iallreduce",
    "accumulate": "Accumulate",
}
"""What belongs to each."""

TO_ITSELF = "messages to itself"
"""A part of p2p: where only this fails, the other operations may still be right."""
