"""Which rank takes which GPU of its node."""

from collections import Counter
from collections.abc import Sequence

from mpi4py import MPI

__all__ = ["assign_devices", "assign_own"]


def assign_devices(visible: Sequence[Sequence[str]]) -> list[int | None]:
    """Give each rank of a node the device that the fewest ranks before it took. Local.

    Ranks that see the same devices take them in turn; a rank that its launcher or batch
    system has bound to one device takes that.

    Parameters
    ----------
    visible
        For each rank of the node, in order, the UUIDs of the devices that it sees.

    Returns
    -------
    list of int
        For each rank the ordinal of its device among those that it sees: the first of
        the least taken. None for a rank that sees none.
    """
    taken: Counter[str] = Counter()
    ordinals: list[int | None] = []
    for uuids in visible:
        if not uuids:
            ordinals.append(None)
            continue
        counts = [taken[uuid] for uuid in uuids]
        ordinal = counts.index(min(counts))
        taken[uuids[ordinal]] += 1
        ordinals.append(ordinal)
    return ordinals


def assign_own(comm: MPI.Intracomm, uuids: Sequence[str]) -> tuple[int, int | None]:
    """Agree with the other ranks of the node who takes which device. Collective over comm.

    Parameters
    ----------
    comm
        Any number of ranks on any number of nodes.
    uuids
        Of the devices that this rank sees; may be empty.

    Returns
    -------
    node, ordinal
        The lowest rank of `comm` on this rank's node, which tells the nodes apart; and
        this rank's device, None if it sees none.
    """
    node = comm.Split_type(MPI.COMM_TYPE_SHARED)
    try:
        ordinals = assign_devices(node.allgather(tuple(uuids)))
        leader: int = node.bcast(comm.rank)
        return leader, ordinals[node.rank]
    finally:
        node.Free()
