"""On how many machines ranks are, whatever MPI was told of them."""

import platform
from pathlib import Path

from mpi4py import MPI

__all__ = ["count_hosts"]

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def count_hosts(comm: MPI.Intracomm) -> int:
    """Return on how many machines the ranks are. Collective over comm.

    Other than `hpcpy_core.topology.count_nodes`, which counts groups that share memory as
    MPI sees it: with ``MPIR_CVAR_NOLOCAL=1``, each rank of MPICH is one.
    """
    try:
        boot = BOOT_ID.read_text()
    except OSError:  # no Linux
        boot = ""
    return len(set(comm.allgather((platform.node(), boot))))
