"""Kernel ``pytensor``: the expression as a graph, optimised and compiled; Theano's successor.

PyTensor fuses the graph into one loop, which it compiles with Numba: no C compiler is
needed. A result is a new array: every step copies it to its place.
"""

from collections.abc import Callable
from functools import cache

import numpy as np
import pytensor
from pytensor import tensor
from pytensor.compile.mode import get_mode

from hpcpy_diffusion.kernels import Field

__all__ = ["step"]

MODE = get_mode("NUMBA").excluding("canonicalize", "add_mul_fusion")
"""Without the rewrites that turn (a + b) + (c + d) into a + b + c + d: another last bit."""


def step(u: Field, out: Field, r: float) -> None:
    """Advance one step; see `hpcpy_diffusion.kernels`. Compiles at the first call for a dtype."""
    real = u.dtype.type
    out[1:-1, 1:-1] = _compile(u.dtype.name)(u, real(1 - 4 * r), real(r))


@cache
def _compile(dtype: str) -> Callable[[Field, np.floating, np.floating], Field]:
    u = tensor.matrix("u", dtype=dtype)
    centre, r = (tensor.scalar(name, dtype=dtype) for name in ("centre", "r"))
    around = (u[:-2, 1:-1] + u[2:, 1:-1]) + (u[1:-1, :-2] + u[1:-1, 2:])
    inner = centre * u[1:-1, 1:-1] + r * around
    # Borrowed: the function may read the caller's array in place, and give out its own.
    inputs = [pytensor.In(u, borrow=True), centre, r]
    with pytensor.config.change_flags(numba__fastmath=False):  # fused multiply-adds: as above
        function = pytensor.function(inputs, pytensor.Out(inner, borrow=True), mode=MODE)
        function(np.zeros((3, 3), dtype), np.zeros((), dtype), np.zeros((), dtype))
    compiled: Callable[[Field, np.floating, np.floating], Field] = function
    return compiled
