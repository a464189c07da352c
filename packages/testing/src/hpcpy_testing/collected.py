"""Have all ranks collected the same tests, in the same order? Else each would run others.

Ranks that run different tests meet in each other's collective calls: that is green by
chance, or red in an innocent test.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mpi4py import MPI

__all__ = ["Collected", "find_difference", "meet"]


@dataclass(frozen=True, kw_only=True)
class Collected:
    """What one rank has collected.

    Attributes
    ----------
    tests
        The node ids, in the order in which the tests will run.
    skipped
        The reason for each module that was skipped as a whole.
    error
        Why the collection did not come to its end; empty where it did.
    """

    tests: Sequence[str] = ()
    skipped: dict[str, str] = field(default_factory=dict)
    error: str = ""

    @property
    def digest(self) -> str:
        """The same where the same tests will run in the same order."""
        return hashlib.sha256("\n".join(self.tests).encode(errors="replace")).hexdigest()


def meet(comm: MPI.Intracomm, own: Collected) -> Sequence[Collected]:
    """Return what all ranks collected, or nothing if that is the same. Collective over comm."""
    from hpcpy_core.waiting import wait_asleep

    wait_asleep(comm.Ibarrier())  # some import longer than others, and need the cores
    if len(set(comm.allgather((own.digest, bool(own.error))))) == 1:
        return []
    return comm.allgather(own)


def find_difference(ranks: Sequence[Collected]) -> str:
    """Name the first difference between the ranks, and what mends it. Local."""
    places = {
        rank: next(place for place, (one, other) in enumerate(pairs) if one != other)
        for rank in range(1, len(ranks))
        if ranks[rank].tests != ranks[0].tests
        for pairs in [zip_longest(ranks[0].tests, ranks[rank].tests)]
    }
    rank = min(places, key=lambda rank: (places[rank], rank))
    place = places[rank]
    both = ", ".join(f"rank {who} has {_at(ranks[who], place)}" for who in (0, rank))
    reordered = Counter(ranks[0].tests) == Counter(ranks[rank].tests)
    cure = ORDER if reordered else CHOICE
    return (
        f"the ranks collected different tests, so none is run: as number {place + 1} {both}"
        f"{_skipped(ranks)}. {cure}"
    )


ORDER = (
    "The order must be the same on all ranks: parametrize over a list or sorted(...), not over a "
    "set, and give a plugin that shuffles the same seed on all ranks or none (-p no:randomly)"
)
CHOICE = (
    "All ranks must collect the same tests: choose them (-k, parametrize, skip of a module, "
    "conftest.py) by nothing that differs between ranks, and skip inside the tests, on all ranks"
)


def _at(collected: Collected, place: int) -> str:
    return collected.tests[place] if place < len(collected.tests) else "no more"


def _skipped(ranks: Sequence[Collected]) -> str:
    """Name a module that only some ranks skipped."""
    for rank, collected in enumerate(ranks):
        for module, reason in collected.skipped.items():
            if any(module not in other.skipped for other in ranks):
                return f" (rank {rank} skipped {module}: {reason})"
    return ""
