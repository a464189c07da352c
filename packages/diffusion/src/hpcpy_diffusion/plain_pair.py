"""Two fields as plain padded arrays, for the kernels that take one step at a time."""

from contextlib import ExitStack

import numpy as np
import numpy.typing as npt

from hpcpy_core.datatypes import subarray
from hpcpy_diffusion.field_pair import Extent, Layer
from hpcpy_diffusion.kernels import Field, Step

__all__ = ["PlainPair", "allocate"]


def allocate(extent: Extent, dtype: npt.DTypeLike) -> tuple[Field, Field]:
    """Return memory for two padded blocks of zeros. Local.

    It is written once, so that no page is touched first while timed.
    """
    u, out = np.empty(extent.shape, dtype), np.empty(extent.shape, dtype)
    u.fill(0)
    out.fill(0)
    return u, out


class PlainPair:
    """A `FieldPair` of two plain arrays. Creation is local.

    With a halo of T layers up to T steps are taken without news from the neighbours:
    every step computes the rows that the next ones need, one fewer on each side that has
    a halo, and all columns. The outer columns of the halo go stale, one more each step;
    they reach the block after T steps, when the next exchange is due. To leave them out
    too would save little, and cost much: compilers do well with views of whole rows only.

    Parameters
    ----------
    extent
        This rank's part of the field.
    step
        A kernel.
    r
        Mesh Fourier number.
    fields
        Zeroed memory of two padded blocks, shape ``extent.shape``: from `allocate`, or
        views of arrays that several ranks share.
    """

    conversion = "compute"
    asynchronous = False
    """What a method does is done when it returns."""

    def __init__(self, extent: Extent, step: Step, r: float, fields: tuple[Field, Field]) -> None:
        self._extent, self._step, self._r, self._fields = extent, step, r, fields
        self._parity = 0
        self._datatypes = ExitStack()
        (north, south), _ = extent.halo
        top, end = max(1, north) - 1, fields[0].shape[0]
        bottom = end - max(1, south) + 1
        self._spans = [
            slice(top - left if north else 0, bottom + left if south else end)
            for left in range(max(1, north, south))
        ]
        """Rows that a step reads if `left` more follow it before the next exchange."""

    @property
    def parity(self) -> int:
        """0 or 1: which of the two fields holds the current time."""
        return self._parity

    def start(self) -> Field:
        """Return the padded block, zeroed, to be filled with the start of the run."""
        return self._fields[0]

    def begin(self) -> None:
        """Do nothing: the field is where it has been filled in."""

    def show(self) -> Field:
        """Return the padded block of the current time."""
        return self._fields[self._parity]

    def advance(self, steps: int) -> None:
        """Take time steps, at most as many as the halo is deep; any number without a halo."""
        for left in reversed(range(steps)):
            self._sweep(self._spans[min(left, len(self._spans) - 1)])
            self._parity ^= 1

    def advance_inside(self) -> None:
        """Begin one step of a halo of depth 1: compute the rows that need no halo.

        For blocks without neighbours at their sides. `advance_rim` ends the step.
        """
        self._sweep(slice(*self._inside()))

    def advance_rim(self) -> None:
        """End the step: compute the first and the last row, next to the halo."""
        first, last = self._inside()
        end = self._fields[0].shape[0]
        if first:
            self._sweep(slice(0, 3))
        if last < end:
            self._sweep(slice(end - 3, end))
        self._parity ^= 1

    def layers(self, parity: int, axis: int) -> tuple[Layer | None, Layer | None]:
        """Return what goes to the neighbours before and after, for one of the two fields.

        Datatypes describe them in place: an exchange makes no copy.
        """
        u, halo = self._fields[parity], self._extent.halo
        inner = [
            slice(max(1, before), max(1, before) + length)
            for length, (before, _) in zip(self._extent.inner, halo, strict=True)
        ]
        if axis == 0 and len(self._spans) > 1:  # a halo of depth 1 needs no corners
            inner[1] = slice(0, u.shape[1])
        (before, after), end = halo[axis], u.shape[axis]
        return (
            self._layer(u, inner, axis, before, send_at=before, receive_at=0),
            self._layer(u, inner, axis, after, send_at=end - 2 * after, receive_at=end - after),
        )

    def pack(self, axis: int) -> None:
        """Do nothing: the layers lie in the field."""

    def unpack(self, axis: int) -> None:
        """Do nothing: the halo is where it was received."""

    def close(self) -> None:
        """Free the datatypes of the layers."""
        self._datatypes.close()

    def _sweep(self, rows: slice) -> None:
        u, out = self._fields[self._parity], self._fields[self._parity ^ 1]
        self._step(u[rows], out[rows], self._r)

    def _inside(self) -> tuple[int, int]:
        (north, south), _ = self._extent.halo
        return north, self._fields[0].shape[0] - south

    def _layer(
        self, u: Field, inner: list[slice], axis: int, depth: int, *, send_at: int, receive_at: int
    ) -> Layer | None:
        if not depth:
            return None
        buffers = []
        for at in (send_at, receive_at):
            region = list(inner)
            region[axis] = slice(at, at + depth)
            buffers.append(
                [u, 1, self._datatypes.enter_context(subarray(u.dtype, u.shape, region))]
            )
        return Layer(sendbuf=buffers[0], recvbuf=buffers[1])
