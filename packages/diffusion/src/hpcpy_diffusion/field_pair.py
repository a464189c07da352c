"""What the solver and the halo exchange ask of a rank's two fields, however they are stored."""

from dataclasses import dataclass
from typing import Any, Protocol

from hpcpy_diffusion.kernels import Field

__all__ = ["Extent", "FieldPair", "Layer"]

Buffer = Any
"""What mpi4py takes for a buffer: an array, or a list of an array, a count and a datatype."""


@dataclass(frozen=True, kw_only=True)
class Extent:
    """The part of the field that a rank has in its memory.

    Parameters
    ----------
    inner
        Rows and columns that the rank computes.
    halo
        For both axes, the layers before and after: as many as the neighbour's halo is
        deep, 0 where the field ends. There the fixed boundary is, one layer of zeros.
    """

    inner: tuple[int, int]
    halo: tuple[tuple[int, int], tuple[int, int]]

    @property
    def shape(self) -> tuple[int, int]:
        """Shape of the padded block: inner items, halo, boundary."""
        rows, columns = (
            length + max(1, before) + max(1, after)
            for length, (before, after) in zip(self.inner, self.halo, strict=True)
        )
        return rows, columns


@dataclass(frozen=True, kw_only=True)
class Layer:
    """What is sent toward one neighbour, and where what it sends is received."""

    sendbuf: Buffer
    recvbuf: Buffer


class FieldPair(Protocol):
    """Two fields that change roles at every step; the `parity` tells which is the current one.

    All of its methods are local.

    Attributes
    ----------
    conversion
        As what the time of `begin` and `show` is counted: a layout of its own belongs to
        ``compute``, and what goes between host and device are ``copies``.
    """

    conversion: str

    @property
    def parity(self) -> int:
        """0 or 1: which of the two fields holds the current time."""

    def start(self) -> Field:
        """Return memory for the padded block, zeroed, to be filled with the start of the run."""

    def begin(self) -> None:
        """Take what was filled in for the current time."""

    def show(self) -> Field:
        """Return the padded block of the current time, valid until the next `advance`.

        Halo items may be old.
        """

    def advance(self, steps: int) -> None:
        """Take time steps, at most as many as the halo is deep; any number without a halo."""

    def layers(self, parity: int, axis: int) -> tuple[Layer | None, Layer | None]:
        """Return what goes to the neighbours before and after, for one of the two fields.

        The memory stays the same, so that persistent requests can be made of it. Columns,
        axis 1, are exchanged first; the layers of rows, axis 0, have the halo's columns in
        them, so that the corners come too.
        """

    def pack(self, axis: int) -> None:
        """Copy the current field's outer layers to where they are sent from, if need be."""

    def unpack(self, axis: int) -> None:
        """Copy what was received into the current field's halo, if need be."""

    def close(self) -> None:
        """Free the datatypes of the layers."""
