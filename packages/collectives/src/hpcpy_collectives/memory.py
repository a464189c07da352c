"""Refuse sizes whose buffers do not fit into the memory of a node, before they are allocated."""

import os
from collections.abc import Iterable

from mpi4py import MPI

from hpcpy_collectives.plan import Case
from hpcpy_collectives.sizes import format_size
from hpcpy_core.agreement import raise_on_all
from hpcpy_core.errors import InputError

__all__ = ["check_memory", "physical_memory"]


def physical_memory() -> int:
    """Return the bytes of memory that this node has. Local."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


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
    available = physical_memory() if available is None else available
    node = comm.Split_type(MPI.COMM_TYPE_SHARED)
    try:
        error = None
        for case in cases:
            own = case.operation.footprint(case.size, case.api, comm.rank, comm.size)
            needed = node.allreduce(own, op=MPI.SUM)
            if needed > available and error is None:
                error = InputError(
                    f"{case.operation.name} of {format_size(case.size)} B needs "
                    f"{needed / 2**30:.3g} GiB for the {node.size} ranks of a node that has "
                    f"{available / 2**30:.3g} GiB: end --sizes earlier, or start fewer ranks"
                )
    finally:
        node.Free()
    raise_on_all(comm, error)
