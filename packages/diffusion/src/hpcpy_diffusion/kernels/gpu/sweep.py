"""What the solver asks of a kernel on a GPU."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

__all__ = ["PITCH", "DeviceField", "MakeSweep", "Region", "Sweep"]

DeviceField = Any
"""A CuPy array: a padded block, whose rows may lie further apart than they are long."""

PITCH = 128
"""Bytes: every row of a `DeviceField` begins at a multiple of it, and memory up to the next one
belongs to the row, also to the last: what is read of a row may be cut into packs of 16 bytes."""


@dataclass(frozen=True, kw_only=True)
class Region:
    """A rectangle of the padded block, half-open: rows ``first[0]`` to ``last[0] - 1``."""

    first: tuple[int, int]
    last: tuple[int, int]

    @property
    def size(self) -> int:
        """Number of its items; 0 if it is empty or turned over."""
        rows, columns = (b - a for a, b in zip(self.first, self.last, strict=True))
        return max(0, rows) * max(0, columns)


class Sweep(Protocol):
    """A pass over device memory that takes one or several time steps.

    Attributes
    ----------
    name
        For people: the kernel, and how it is set up.
    most
        Time steps that one call takes at most.
    regional
        Whether it can compute a part of the block; else only all of its inner items, and
        in one call as many steps as there are to take.
    recordable
        Whether its calls can be recorded into a graph: they allocate nothing, and compile
        nothing that a call with as many steps has not compiled before.
    """

    name: str
    most: int
    regional: bool
    recordable: bool

    def __call__(
        self, u: DeviceField, out: DeviceField, r: float, region: Region, steps: int
    ) -> None:
        """Write to `out` what `u` is after `steps` time steps. Local.

        Only the items of `region` are written, which is a part of the block's inner items;
        `u` is only read. The rim of the block, its first and last row and column, stays as
        it is in `u` at all steps. The work is put into CuPy's current stream, and not waited
        for. Its bits are those of ``steps`` calls of the kernel ``numpy``,
        but that CuPy's compiler is told to make float32 below 1.2e-38 zero.

        Parameters
        ----------
        u, out
            Padded blocks of the shape and dtype that the sweep was made for.
        r
            Mesh Fourier number.
        region
            Not empty.
        steps
            From 1 to `most`.
        """


class MakeSweep(Protocol):
    """``make_sweep`` of each module here: compile for a shape, before time is taken. Local."""

    def __call__(self, shape: tuple[int, int], dtype: np.dtype[Any]) -> Sweep:
        """Return the sweep for padded blocks of this shape.

        Raises
        ------
        InputError
            If blocks of this shape cannot be computed so on this GPU: it says what can.
        HpcpyError
            If the source cannot be compiled.
        """
