"""Refuse sizes whose buffers do not fit into the memory of a node, before they are allocated."""

from collections.abc import Iterable

from mpi4py import MPI

from hpcpy_collectives.plan import Case
from hpcpy_core.memory import require_memory
from hpcpy_core.sizes import format_size

__all__ = ["check_memory"]


def check_memory(cases: Iterable[Case], comm: MPI.Intracomm, available: int | None = None) -> None:
    """Compare the buffers of all ranks of each node with its memory. Collective over comm.

    Parameters
    ----------
    cases
        What will be measured, one after the other.
    comm
        The ranks that will do it.
    available
        Bytes of memory of this node; None asks the system.

    Raises
    ------
    InputError
        On every rank, if the buffers of any case are more than any node has.
    """

    def footprint(case: Case) -> int:
        return case.operation.footprint(case.size, case.api, comm.rank, comm.size)

    largest = max(cases, key=footprint)
    require_memory(
        comm,
        footprint(largest),
        f"{largest.operation.name} of {format_size(largest.size)} B",
        "end --sizes earlier, or start fewer ranks",
        available,
    )
