"""Kernel ``jax``: the expression of ``numpy``, compiled by XLA for each shape.

A JAX array cannot be written to: every step copies the field in and the result out.
That is the lesson: JAX pays where the whole loop over the steps is inside of ``jit``,
and MPI is not in between.
"""

import jax
import jax.numpy as jnp
import numpy as np

from hpcpy_diffusion.kernels import Field

__all__ = ["step"]


def step(u: Field, out: Field, r: float) -> None:
    """Advance one step; see `hpcpy_diffusion.kernels`. Compiles at the first call for a shape."""
    real = u.dtype.type
    # Both settings end with the block: float64 stays as the user has it.
    with jax.enable_x64(True), jax.default_device(jax.devices("cpu")[0]):
        out[1:-1, 1:-1] = _inner(u, real(1 - 4 * r), real(r), real(-np.inf))


def _expression(u: jax.Array, centre: jax.Array, r: jax.Array, lowest: jax.Array) -> jax.Array:
    around = (u[:-2, 1:-1] + u[2:, 1:-1]) + (u[1:-1, :-2] + u[1:-1, 2:])
    # XLA would contract a product and a sum to a fused multiply-add, which has another last
    # bit. What is at least -inf is what it was, but XLA cannot know that `lowest` is -inf.
    here = jnp.maximum(centre * u[1:-1, 1:-1], lowest)
    return here + jnp.maximum(r * around, lowest)


_inner = jax.jit(_expression)
