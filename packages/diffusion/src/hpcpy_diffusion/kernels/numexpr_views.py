"""Kernel ``numexpr``: the expression as text, computed piece by piece without temporaries.

The five operands are shifted views of one array, and the result goes straight to its
place: nothing is copied. NumExpr works through blocks of some thousand items, so that
what is in between stays in cache. Its number of threads is one for the whole process,
and is set at every step.
"""

from functools import partial

import numexpr

from hpcpy_diffusion.kernels import Field, Step

__all__ = ["step", "with_threads"]

FORMULA = "centre * here + r * ((north + south) + (west + east))"


def with_threads(threads: int) -> Step:
    """Return a step that uses so many threads. Local."""
    return partial(step, threads=threads)


def step(u: Field, out: Field, r: float, *, threads: int = 1) -> None:
    """Advance one step; see `hpcpy_diffusion.kernels`. Parses its formula at the first call."""
    numexpr.set_num_threads(threads)
    operands = {
        "north": u[:-2, 1:-1],
        "south": u[2:, 1:-1],
        "west": u[1:-1, :-2],
        "east": u[1:-1, 2:],
        "here": u[1:-1, 1:-1],
        "centre": u.dtype.type(1 - 4 * r),  # a Python float would make it all float64
        "r": u.dtype.type(r),
    }
    numexpr.evaluate(FORMULA, local_dict=operands, global_dict={}, out=out[1:-1, 1:-1])
