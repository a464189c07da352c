"""A rank's field in the lane-split layout, for the kernel of many steps at once."""

from typing import Any

import numpy as np
import numpy.typing as npt

from hpcpy_diffusion.field_pair import Extent, Layer
from hpcpy_diffusion.kernels import Field
from hpcpy_diffusion.kernels.lanes.field import LaneField
from hpcpy_diffusion.kernels.lanes.layout import Lanes

__all__ = ["LanePair"]

Staging = npt.NDArray[Any]


class LanePair:
    """A `FieldPair` of one field in the layout, and one plain field to fill and to show.

    The layers of the halo are copied to and from plain buffers of their own: another node's
    processor may have shorter vectors, and another layout with them.

    Parameters
    ----------
    extent
        This rank's part of the field.
    dtype, r
        Of the field, and the mesh Fourier number.
    threads
        That share the work, in this process.
    """

    conversion = "compute"
    parity = 0
    """The layers are sent from the same buffers at all times."""

    def __init__(self, extent: Extent, dtype: str, r: float, *, threads: int = 1) -> None:
        self._extent = extent
        (north, south), (west, east) = extent.halo
        rows, columns = extent.inner
        shape = rows + north + south, columns + west + east
        halo, depth = (north > 0, south > 0), max(1, north, south, west, east)
        self._field = LaneField(shape, np.dtype(dtype), r, halo=halo, depth=depth, threads=threads)
        self._plain = np.zeros(extent.shape, dtype)
        self._sent, self._received = ([self._staging(0), self._staging(1)] for _ in range(2))

    def start(self) -> Field:
        """Return the padded block, zeroed, to be filled with the start of the run."""
        return self._plain

    def begin(self) -> None:
        """Bring what was filled in into the layout."""
        self._field.write(self._inside())

    def show(self) -> Field:
        """Return the padded block of the current time, valid until the next `show`."""
        self._field.read(self._inside())
        return self._plain

    def advance(self, steps: int) -> None:
        """Take time steps, at most as many as the halo is deep; any number without a halo."""
        self._field.advance(steps)

    def layers(self, parity: int, axis: int) -> tuple[Layer | None, Layer | None]:
        """Return what goes to the neighbours before and after."""
        before, after = (
            Layer(sendbuf=sent, recvbuf=received) if sent.size else None
            for sent, received in zip(self._sent[axis], self._received[axis], strict=True)
        )
        return before, after

    def pack(self, axis: int) -> None:
        """Copy the outer layers of the block to where they are sent from."""
        before, after = self._extent.halo[axis]
        end = before + self._extent.inner[axis]
        for sent, at in zip(self._sent[axis], (before, end - after), strict=True):
            if axis == 0:
                self._field.read(sent, at)
            else:
                rows, items = self._columns(at, len(sent))
                sent[...] = rows[items]

    def unpack(self, axis: int) -> None:
        """Copy what was received into the halo."""
        end = self._extent.halo[axis][0] + self._extent.inner[axis]
        for received, at in zip(self._received[axis], (0, end), strict=True):
            if axis == 0:
                self._field.write(received, at)
            else:
                rows, items = self._columns(at, len(received))
                rows[items] = received

    def close(self) -> None:
        """End the threads."""
        self._field.close()

    def _inside(self) -> Field:
        """Return the padded block without the fixed boundary, which the layout has not."""
        rows, columns = (
            slice(before == 0, length - (after == 0))
            for length, (before, after) in zip(self._plain.shape, self._extent.halo, strict=True)
        )
        return self._plain[rows, columns]

    def _staging(self, axis: int) -> list[Staging]:
        """Return buffers for the layers toward both sides; without items where nobody is."""
        length = self._field.shape[1] if axis == 0 else self._extent.inner[0]
        halo = self._extent.halo[axis]
        return [np.zeros((depth, length), self._plain.dtype) for depth in halo]

    def _columns(self, at: int, depth: int) -> tuple[Lanes, tuple[list[int], list[int]]]:
        """Return the block's rows, items first, and which items so many columns are."""
        north = self._extent.halo[0][0]
        rows = self._field.rows(north, north + self._extent.inner[0])
        places = [self._field.layout.place(column) for column in range(at, at + depth)]
        vectors, lanes = [vector for vector, _ in places], [lane for _, lane in places]
        return rows.transpose(1, 2, 0), (vectors, lanes)
