"""The problem in JAX: many steps in one compiled call, memory given away to it."""

from dataclasses import dataclass
from functools import partial
from time import perf_counter

import jax
import jax.numpy as jnp
import numpy as np

from hpcpy_diffusion.kernels import Field
from hpcpy_diffusion.ladder.start_field import start_field
from hpcpy_diffusion.parameters import Parameters

__all__ = ["prepare"]


@dataclass(frozen=True, kw_only=True)
class InJax:
    """See `hpcpy_diffusion.ladder.timed`."""

    start: Field
    r: float

    def __call__(self, steps: int) -> float:
        """Return the seconds. Local."""
        _, seconds = self._advance(steps)
        return seconds

    def whole(self, steps: int) -> Field:
        """Return the field, shape (n+2, n+2). Local."""
        field, _ = self._advance(steps)
        return field

    def _advance(self, steps: int) -> tuple[Field, float]:
        u = jnp.asarray(self.start).block_until_ready()
        begin = perf_counter()
        u = _advance(u, self.r, steps).block_until_ready()
        return np.asarray(u), perf_counter() - begin


def prepare(parameters: Parameters) -> InJax:
    """Return the problem. Local; JAX compiles at the first call for each shape."""
    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_platforms", "cpu")
    return InJax(start=start_field(parameters), r=parameters.fourier)


@partial(jax.jit, donate_argnums=0)
def _advance(u: jax.Array, r: float, steps: int) -> jax.Array:
    def step(_: int, u: jax.Array) -> jax.Array:
        around = (u[:-2, 1:-1] + u[2:, 1:-1]) + (u[1:-1, :-2] + u[1:-1, 2:])
        return u.at[1:-1, 1:-1].set((1 - 4 * r) * u[1:-1, 1:-1] + r * around)

    advanced: jax.Array = jax.lax.fori_loop(0, steps, step, u)
    return advanced
