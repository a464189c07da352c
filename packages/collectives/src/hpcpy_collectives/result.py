"""What an example gives back: what this rank has to say, and whether its answer was right."""

from dataclasses import dataclass

__all__ = ["Result"]


@dataclass(frozen=True, kw_only=True)
class Result:
    """One rank's outcome of an example.

    Attributes
    ----------
    lines
        What this rank has to say; the command prints the lines of all ranks in
        rank order. Empty where it only takes part.
    correct
        Whether this rank's answer is what it must be, computed in another way.
    expected
        For the message where it is not: what it must have been, and what it was.
    """

    lines: tuple[str, ...] = ()
    correct: bool
    expected: str = ""
