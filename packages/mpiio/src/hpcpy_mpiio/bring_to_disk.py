"""Bring what all ranks have written to one file to the disk."""

from functools import cache

from mpi4py import MPI

from hpcpy_core.agreement import on_root
from hpcpy_mpiio.failing import failing
from hpcpy_mpiio.replacement import CURE, Replacement, fsync

__all__ = ["bring_to_disk"]


def bring_to_disk(replacement: Replacement, comm: MPI.Intracomm) -> None:
    """Bring the temporary to the disk, from every node that wrote. Collective over comm.

    One rank of each node calls fsync, which covers all that the node's system holds
    of the file, the header too. MPI_File_sync would do it on every rank: the
    processes of a node then wait for each other's journal, while those that have
    done spin in MPI on the cores that the system needs.

    Raises
    ------
    FileError
        The same on every rank, if the disk refused on any node.
    """
    leads = _leads_its_node(comm)
    with on_root(comm), failing(f"bring {replacement.target} to disk", CURE):
        if leads:  # the root is always one of them; the others wait asleep
            fsync(replacement.temporary)


def _leads_its_node(comm: MPI.Intracomm) -> bool:
    """Say whether this is the lowest rank of its node. Collective over comm.

    The answer is kept with the communicator: splitting one takes as long as the
    rest of a small save.
    """
    known = comm.Get_attr(_create_keyval())
    if known is not None:
        return bool(known)
    node = comm.Split_type(MPI.COMM_TYPE_SHARED)
    leads = node.rank == 0
    node.Free()
    comm.Set_attr(_create_keyval(), leads)
    return leads


@cache
def _create_keyval() -> int:
    return MPI.Comm.Create_keyval()
