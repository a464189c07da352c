"""What the processes that computed bring back: the exact sum, and how long it took."""

from dataclasses import dataclass

__all__ = ["Outcome", "Phases"]


@dataclass(frozen=True, kw_only=True)
class Phases:
    """Seconds, as the root saw them.

    Attributes
    ----------
    start
        Until all workers were there, with a compiled kernel; 0 for ranks that were there.
    compute
        Until the last one had its sum.
    end
        Until all had left.
    """

    start: float
    compute: float
    end: float


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The exact sum over all blocks in units of 2^-52, and the time of each phase."""

    total: int
    phases: Phases
