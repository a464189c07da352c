"""Kernel ``cpp``, a yardstick: what a plain C++ program does, compiled with ``-O3``.

`advance` runs it as it is: two loops for each step, the second of which copies back.
`step` is one call of the first loop. Neither uses what this processor has beyond its
family's oldest (no ``-march=native``): that is what ``-O3`` alone gives.
"""

import ctypes
from functools import cache
from pathlib import Path

from hpcpy_diffusion.kernels import Field
from hpcpy_diffusion.kernels.build_library import build_library, open_library
from hpcpy_diffusion.kernels.call_library import call_library

__all__ = ["advance", "build", "step"]

SOURCE = Path(__file__).with_suffix(".cpp")
FLAGS = (
    "-O3",
    "-ffp-contract=off",  # no fused multiply-add, where the processor's family has it: last bit
)


@cache
def build() -> ctypes.CDLL:
    """Compile it, or find it in the user's cache; see `build_library`. Local."""
    return open_library(build_library(SOURCE, "C++", FLAGS))


def step(u: Field, out: Field, r: float) -> None:
    """Advance one step; see `hpcpy_diffusion.kernels`."""
    call_library(build()[f"step_{u.dtype}"], u, out, r)


def advance(u: Field, out: Field, r: float, steps: int) -> None:
    """Advance `u` by many steps in one call, two loops each; `out` is scratch. Local."""
    call_library(build()[f"advance_{u.dtype}"], u, out, r, steps)
