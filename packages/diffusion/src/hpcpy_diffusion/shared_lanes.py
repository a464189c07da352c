"""A field in the lane-split layout that all ranks of a node share, and march through together."""

import numpy as np

from hpcpy_diffusion.field_pair import Extent, Layer
from hpcpy_diffusion.kernels import Field
from hpcpy_diffusion.kernels.lanes.field import LaneField

__all__ = ["SharedLanes"]


class SharedLanes:
    """A `FieldPair` whose layout has the whole field, in memory that the ranks share.

    There is no halo: every rank takes some of the steps of a pass, over all rows, and follows
    the rank before it. Only what it fills and shows are its own rows.

    Parameters
    ----------
    extent
        This rank's part of the field: whole rows.
    field
        With `memory`, and this rank as its `member`.
    first
        The field's row that is this rank's first one.
    """

    conversion = "compute"
    parity = 0
    """There is nothing to exchange."""

    def __init__(self, extent: Extent, field: LaneField, first: int) -> None:
        self._field, self._first = field, first
        self._plain = np.zeros(extent.shape, field.layout.dtype)

    def start(self) -> Field:
        """Return the padded block, zeroed, to be filled with the start of the run."""
        return self._plain

    def begin(self) -> None:
        """Bring what was filled in into the layout."""
        self._field.write(self._plain[1:-1, 1:-1], self._first)

    def show(self) -> Field:
        """Return the padded block of the current time, valid until the next `show`."""
        self._field.read(self._plain[1:-1, 1:-1], self._first)
        return self._plain

    def advance(self, steps: int) -> None:
        """Take time steps, all ranks at the same time. Collective."""
        self._field.advance(steps)

    def layers(self, parity: int, axis: int) -> tuple[Layer | None, Layer | None]:
        """Return that nothing is sent."""
        return None, None

    def pack(self, axis: int) -> None:
        """Do nothing: nothing is sent."""

    def unpack(self, axis: int) -> None:
        """Do nothing: nothing is received."""

    def close(self) -> None:
        """End the threads."""
        self._field.close()
