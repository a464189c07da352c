"""Collect one object of every rank in a list on the root: gather.

The list is in rank order whatever order the ranks arrive in. On all ranks but
the root `gather` returns None.
"""

from mpi4py import MPI

from hpcpy_core.device import Device
from hpcpy_core.examples import Result

__all__ = ["gather_objects"]


def gather_objects(comm: MPI.Intracomm, device: Device) -> Result:
    """Gather a report of every rank on rank 0. Collective over comm.

    Parameters
    ----------
    comm
        Rank 0 is the root.
    device
        Not used: objects are pickled in host memory.

    Returns
    -------
    Result
        Correct on the root where the reports are in rank order; on the others
        where there are none.
    """
    root = 0
    report = {"rank": comm.rank, "square": comm.rank**2}
    reports = comm.gather(report, root=root)

    expected = None
    lines = [f"reports {report}"]
    if comm.rank == root:
        expected = [{"rank": rank, "square": rank * rank} for rank in range(comm.size)]
        lines.append(f"gathered the squares {[each['square'] for each in reports or ()]}")
    return Result(
        lines=tuple(lines),
        correct=reports == expected,
        expected=f"expected {expected}, got {reports}",
    )
