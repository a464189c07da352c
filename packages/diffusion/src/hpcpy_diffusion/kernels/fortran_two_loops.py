"""Kernel ``fortran``, a yardstick: what a plain Fortran program does, compiled with ``-O3``.

As `hpcpy_diffusion.kernels.cpp_two_loops`; Fortran has no templates, so that each
precision is a library of its own.
"""

import ctypes
from functools import cache
from pathlib import Path

from hpcpy_diffusion.kernels import Field
from hpcpy_diffusion.kernels.build_library import build_library, open_library
from hpcpy_diffusion.kernels.call_library import call_library

__all__ = ["advance", "build", "step"]

SOURCE = Path(__file__).with_suffix(".f90")
FLAGS = (
    "-O3",
    "-ffp-contract=off",  # no fused multiply-add, where the processor's family has it: last bit
    "-cpp",
)
KINDS = {"float64": "c_double", "float32": "c_float"}


@cache
def build() -> dict[str, ctypes.CDLL]:
    """Compile both, or find them in the user's cache; see `build_library`. Local."""
    return {
        name: open_library(build_library(SOURCE, "Fortran", [*FLAGS, f"-DREAL_KIND={kind}"]))
        for name, kind in KINDS.items()
    }


def step(u: Field, out: Field, r: float) -> None:
    """Advance one step; see `hpcpy_diffusion.kernels`."""
    call_library(build()[u.dtype.name].step, u, out, r)


def advance(u: Field, out: Field, r: float, steps: int) -> None:
    """Advance `u` by many steps in one call, two loops each; `out` is scratch. Local."""
    call_library(build()[u.dtype.name].advance, u, out, r, steps)
