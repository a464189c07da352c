"""Combine objects of all ranks with an operation of one's own: reduce.

A lower-case reduction takes any function of two objects. It must be associative,
since MPI chooses how to group the ranks, and must not change its arguments.
"""

from mpi4py import MPI

from hpcpy_core.device import Device
from hpcpy_core.examples import Result

__all__ = ["reduce_objects"]

TEXT = "the quick brown fox jumps over the lazy dog and the cat"

Counts = dict[str, int]


def reduce_objects(comm: MPI.Intracomm, device: Device) -> Result:
    """Count the words of a text whose words are dealt out to the ranks. Collective over comm.

    Parameters
    ----------
    comm
        Rank 0 is the root.
    device
        Not used: objects are pickled in host memory.

    Returns
    -------
    Result
        Correct on the root where the counts are those of the whole text; on
        the others where there are none.
    """
    root = 0
    words = TEXT.split()
    counts = count(words[comm.rank :: comm.size])
    total = comm.reduce(counts, op=merge, root=root)

    expected = count(words) if comm.rank == root else None
    lines = [f"counted {sum(counts.values())} words"]
    if total is not None:
        lines.append(f"'the' occurs {total.get('the')} times in {sum(total.values())} words")
    return Result(
        lines=tuple(lines),
        correct=total == expected,
        expected=f"expected {expected}, got {total}",
    )


def count(words: list[str]) -> Counts:
    """Count how often each word occurs. Local."""
    return {word: words.count(word) for word in words}


def merge(a: Counts, b: Counts) -> Counts:
    """Add two counts: the operation of the reduction. Local."""
    return {word: a.get(word, 0) + b.get(word, 0) for word in a | b}
