"""What the ladder asks of everything that it checks and times."""

from typing import Protocol

from hpcpy_diffusion.kernels import Field

__all__ = ["Timed"]


class Timed(Protocol):
    """A way to take time steps from the start of a problem. Collective where it has several ranks.

    It prepares its memory anew each time, outside what it times.
    """

    def __call__(self, steps: int) -> float:
        """Return the slowest rank's seconds for so many steps; the same on all ranks."""

    def whole(self, steps: int) -> Field | None:
        """Return the field after so many steps, shape (n+2, n+2), on rank 0; None elsewhere."""
