"""The steps after which frames are due, found as they are asked for: there may be 10^15. No MPI."""

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import overload

__all__ = ["FrameSteps"]


class FrameSteps(Sequence[int]):
    """The step nearest to each multiple of an interval, up to the last step. Nothing is stored.

    Parameters
    ----------
    count
        Multiples up to the end of the run, 0 included; 0 for no frames.
    outtime, dt
        Between two frames, and of a step, in the same unit; a frame is not due more than once
        a step.
    last
        Step at the end.
    """

    def __init__(self, count: int, outtime: float, dt: float, last: int) -> None:
        self._outtime, self._dt, self._last = outtime, dt, last
        # The last multiples may be nearest to a step that the run does not have.
        self._count = min(count, bisect_left(range(count), last, key=self._at) + 1)

    def __len__(self) -> int:
        """Return the number of frames."""
        return self._count

    @overload
    def __getitem__(self, index: int) -> int: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[int, ...]: ...

    def __getitem__(self, index: int | slice) -> int | tuple[int, ...]:
        """Return the step of a frame, or of some."""
        if isinstance(index, slice):
            return tuple(self._at(k) for k in range(self._count)[index])
        return self._at(range(self._count)[index])

    def __iter__(self) -> Iterator[int]:
        """Iterate over the steps."""
        return map(self._at, range(self._count))

    def __eq__(self, other: object) -> bool:
        """Tell whether another sequence has the same steps."""
        if not isinstance(other, Sequence) or len(self) != len(other):
            return False
        return all(own == each for own, each in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def __contains__(self, step: object) -> bool:
        """Tell whether a frame is due after so many steps."""
        return isinstance(step, int) and self.after(step - 1) == step

    def after(self, step: int) -> int | None:
        """Return the next step with a frame; None where no more come."""
        k = self._near(step)
        while k < self._count:
            if self._at(k) > step:
                return self._at(k)
            k += 1
        return None

    def count_until(self, step: int) -> int:
        """Return how many frames are due before a step."""
        following = self.after(step - 1)
        if following is None:
            return self._count
        k = self._near(following)
        while self._at(k) < following:
            k += 1
        return k

    def _at(self, k: int) -> int:
        return min(round(k * self._outtime / self._dt), self._last)

    def _near(self, step: int) -> int:
        """Return the number of a frame before that step, and not long before."""
        if not self._count or step < 0:
            return 0
        return max(0, min(math.floor(step * self._dt / self._outtime) - 1, self._count - 1))
