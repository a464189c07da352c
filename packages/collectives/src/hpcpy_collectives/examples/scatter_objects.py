"""Give each rank its own object from a list of the root: scatter.

The list has exactly one item per rank, in rank order. Work that does not divide
that way is first put into `size` lists, as here.
"""

from mpi4py import MPI

from hpcpy_core.device import Device
from hpcpy_core.examples import Result

__all__ = ["scatter_objects"]

WORDS = ("alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf")


def scatter_objects(comm: MPI.Intracomm, device: Device) -> Result:
    """Deal the words of rank 0 out to all ranks. Collective over comm.

    Parameters
    ----------
    comm
        Rank 0 is the root.
    device
        Not used: objects are pickled in host memory.

    Returns
    -------
    Result
        Correct where the words are those that a dealer gives this rank.
    """
    root = 0
    hands = None
    if comm.rank == root:
        hands = [WORDS[rank :: comm.size] for rank in range(comm.size)]
    hand = comm.scatter(hands, root=root)

    expected = tuple(word for i, word in enumerate(WORDS) if i % comm.size == comm.rank)
    return Result(
        lines=(f"was dealt {', '.join(hand) or 'nothing'}",),
        correct=hand == expected,
        expected=f"expected {expected}, got {hand}",
    )
