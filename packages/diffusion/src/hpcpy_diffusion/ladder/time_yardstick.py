"""Time a yardstick: the course notes' program, which takes all steps in one call. Local."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from time import perf_counter

from hpcpy_diffusion.kernels import Field, Kernel
from hpcpy_diffusion.ladder.start_field import start_field
from hpcpy_diffusion.parameters import Parameters

__all__ = ["TimedYardstick"]

Advance = Callable[[Field, Field, float, int], None]


@dataclass(frozen=True, kw_only=True)
class TimedYardstick:
    """The program of a kernel marked as `yardstick`; see `hpcpy_diffusion.ladder.timed`.

    It has one process, neither halo nor decomposition, as in the notes.
    """

    kernel: Kernel
    parameters: Parameters

    def __call__(self, steps: int) -> float:
        """Return the seconds. Local."""
        _, seconds = self._advance(steps)
        return seconds

    def whole(self, steps: int) -> Field:
        """Return the field, shape (n+2, n+2). Local."""
        field, _ = self._advance(steps)
        return field

    def _advance(self, steps: int) -> tuple[Field, float]:
        self.kernel.load()  # builds it, if need be
        module = import_module(f"hpcpy_diffusion.kernels.{self.kernel.module}")
        advance: Advance = module.advance
        u = start_field(self.parameters)
        out = u.copy()  # no page is touched first while timed
        begin = perf_counter()
        advance(u, out, self.parameters.fourier, steps)
        return u, perf_counter() - begin
