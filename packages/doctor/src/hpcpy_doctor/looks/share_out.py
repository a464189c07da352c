"""Whether each rank can have a processor of its own, by the affinity masks."""

from collections.abc import Collection, Mapping

__all__ = ["find_crowd"]


def find_crowd(masks: Mapping[int, Collection[int]]) -> tuple[int, ...]:
    """Return ranks that are more than the processors that they may use. Local.

    Parameters
    ----------
    masks
        By rank: the processors that it may use.

    Returns
    -------
    tuple of int
        Empty if each rank can have a processor that no other has.
    """
    owner: dict[int, int] = {}
    for rank in masks:
        tried: set[int] = set()
        if not _place(rank, masks, owner, tried):
            # Whoever has one of the processors that were tried cannot go anywhere else.
            return tuple(sorted({rank, *(owner[each] for each in tried)}))
    return ()


def _place(
    rank: int, masks: Mapping[int, Collection[int]], owner: dict[int, int], tried: set[int]
) -> bool:
    """Give a rank a processor, and its owner another one (Kuhn's augmenting paths)."""
    for processor in masks[rank]:
        if processor in tried:
            continue
        tried.add(processor)
        if processor not in owner or _place(owner[processor], masks, owner, tried):
            owner[processor] = rank
            return True
    return False
