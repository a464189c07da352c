"""The ranks of a node, and one of each: the two levels of a hierarchical algorithm."""

from dataclasses import dataclass

from mpi4py import MPI

__all__ = ["Levels", "split_levels"]


@dataclass(frozen=True, kw_only=True)
class Levels:
    """Two communicators.

    Attributes
    ----------
    node
        This rank and the others of its node, in the same order.
    leaders
        Rank 0 of every node; None on the others.
    """

    node: MPI.Intracomm
    leaders: MPI.Intracomm | None

    def free(self) -> None:
        """Free both. Collective over the communicator that was split."""
        self.node.Free()
        if self.leaders is not None:
            self.leaders.Free()


def split_levels(comm: MPI.Intracomm) -> Levels:
    """Split a communicator by nodes. Collective over comm; the caller frees the levels."""
    node = MPI.Intracomm(comm.Split_type(MPI.COMM_TYPE_SHARED, comm.rank))
    leads = node.rank == 0
    leaders = MPI.Intracomm(comm.Split(0 if leads else MPI.UNDEFINED, comm.rank))
    return Levels(node=node, leaders=leaders if leads else None)
