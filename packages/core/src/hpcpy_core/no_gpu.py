"""The answer of a process that cannot compute on a GPU."""

from dataclasses import dataclass

__all__ = ["NoGpu"]


@dataclass(frozen=True)
class NoGpu:
    """Why not, in a few words, and what mends it."""

    cause: str
    cure: str

    def __str__(self) -> str:
        """Return both."""
        return f"{self.cause}: {self.cure}"
