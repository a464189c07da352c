"""Kernel ``numpy-loops``: the same two loops over an array, slower than over lists.

Every ``u[i, j]`` makes a NumPy scalar object: the lesson is not to do this.
"""

from hpcpy_diffusion.kernels import Field

__all__ = ["step"]


def step(u: Field, out: Field, r: float) -> None:
    """Advance one step; see `hpcpy_diffusion.kernels`."""
    centre, weight = u.dtype.type(1 - 4 * r), u.dtype.type(r)
    rows, columns = u.shape
    for i in range(1, rows - 1):
        for j in range(1, columns - 1):
            around = (u[i - 1, j] + u[i + 1, j]) + (u[i, j - 1] + u[i, j + 1])
            out[i, j] = centre * u[i, j] + weight * around
