"""Kernel ``numba-vector``: vectors in a layout of their own, and many steps in each pass.

A step from here brings the array into the layout and back again, which costs more than
the step. The solver has its fields in the layout all the time, see
`hpcpy_diffusion.lane_pair`, and takes as many steps at once as it can.
"""

from hpcpy_diffusion.kernels import Field, Step
from hpcpy_diffusion.kernels.lanes.field import LaneField

__all__ = ["step", "with_threads"]


def with_threads(threads: int) -> Step:
    """Return the kernel with so many threads that share a pass. Local."""

    def step(u: Field, out: Field, r: float) -> None:
        """Advance one step; see `hpcpy_diffusion.kernels`."""
        # The rim is fixed like a boundary, but not zero: it is one more row and column here.
        field = LaneField(u.shape, u.dtype, r, halo=(True, True), threads=threads)
        try:
            field.write(u)
            field.advance(1)
            field.read(out_rows := u.copy())
        finally:
            field.close()
        out[1:-1, 1:-1] = out_rows[1:-1, 1:-1]

    return step


step = with_threads(1)
