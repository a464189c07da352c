"""Call a compiled kernel with two NumPy arrays."""

import ctypes
from collections.abc import Callable

from hpcpy_diffusion.kernels import Field

__all__ = ["call_library"]

REALS: dict[str, type[ctypes.c_double] | type[ctypes.c_float]] = {
    "float64": ctypes.c_double,
    "float32": ctypes.c_float,
}


def call_library(
    function: Callable[..., None], u: Field, out: Field, r: float, *steps: int
) -> None:
    """Call ``function(u, out, rows, columns, stride, out_stride, 1 - 4 r, r, *steps)``. Local.

    Strides are in items; the other threads of Python go on meanwhile.
    """
    real = REALS[u.dtype.name]
    sizes = (*u.shape, u.strides[0] // u.itemsize, out.strides[0] // out.itemsize)
    function(
        ctypes.c_void_p(u.ctypes.data),
        ctypes.c_void_p(out.ctypes.data),
        *map(ctypes.c_ssize_t, sizes),
        real(1 - 4 * r),
        real(r),
        *map(ctypes.c_ssize_t, steps),
    )
