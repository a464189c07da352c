"""Kernel ``python``: two loops over lists of floats, as a first program would do it."""

import numpy as np

from hpcpy_diffusion.kernels import Field

__all__ = ["step"]


def step(u: Field, out: Field, r: float) -> None:
    """Advance one step; see `hpcpy_diffusion.kernels`."""
    rows = u.tolist()
    centre = 1 - 4 * r
    for i in range(1, len(rows) - 1):
        north, here, south = rows[i - 1], rows[i], rows[i + 1]
        new = [0.0] * (len(here) - 2)
        for j in range(1, len(here) - 1):
            around = (north[j] + south[j]) + (here[j - 1] + here[j + 1])
            new[j - 1] = centre * here[j] + r * around
        out[i, 1:-1] = np.asarray(new)
