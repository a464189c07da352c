"""The ladder of kernels: one file each, one signature, one formula, no MPI.

A kernel advances a padded block by one time step::

    step(u, out, r)

    u    (m+2, k+2) array with halo or boundary all around; only read
    out  array of the same shape and dtype; its m x k inner items are written,
         its rim is left as it was
    r    mesh Fourier number D dt/dx^2

Every kernel computes, in this order of operations,

    out = (1 - 4 r) u + r ((north + south) + (west + east))

which treats the four neighbours alike, so that a symmetric field stays symmetric
to the last bit, and which depends on nothing but the item's own stencil, so that
every decomposition gives the same bits.
Source: forward time, centred space; e.g. Morton and Mayers, Numerical Solution of
Partial Differential Equations, 2nd ed., section 3.1.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
import numpy.typing as npt

from hpcpy_core.errors import InputError

__all__ = ["KERNELS", "Kernel", "Step", "find_kernel"]

Field = npt.NDArray[np.floating[Any]]
Step = Callable[[Field, Field, float], None]


@dataclass(frozen=True, kw_only=True)
class Kernel:
    """A rung of the ladder: where it is, and what it needs beyond NumPy."""

    name: str
    module: str
    needs: str | None = None
    install: str | None = None

    @property
    def installed(self) -> bool:
        """Whether what it needs can be imported."""
        return self.needs is None or find_spec(self.needs) is not None

    def load(self) -> Step:
        """Import the kernel. Local; may compile on its first call, not here."""
        step: Step = import_module(f"{__name__}.{self.module}").step
        return step


KERNELS = {
    kernel.name: kernel
    for kernel in (  # slowest first
        Kernel(name="numpy-loops", module="numpy_loops"),
        Kernel(name="python", module="python_lists"),
        Kernel(name="numpy", module="numpy_slices"),
        Kernel(name="numpy-flat", module="numpy_flat"),
        Kernel(
            name="numba",
            module="numba_rows",
            needs="numba",
            install="pip install --upgrade hpcpy-diffusion (numba is one of its requirements)",
        ),
    )
}


def find_kernel(name: str) -> Kernel:
    """Return the kernel of that name; ``auto`` is the fastest that is installed. Local.

    Raises
    ------
    InputError
        If there is none of that name, or what it needs is not installed.
    """
    if name == "auto":
        return next(kernel for kernel in reversed(KERNELS.values()) if kernel.installed)
    if name not in KERNELS:
        raise InputError(f"unknown kernel {name!r}: choose auto or one of {', '.join(KERNELS)}")
    kernel = KERNELS[name]
    if not kernel.installed:
        raise InputError(
            f"kernel {name} needs {kernel.needs}, which is not installed: {kernel.install}"
        )
    return kernel
