"""Which arrays the calls of these packages take: the rules that all of them share."""

import functools
from typing import Protocol

import numpy as np
from mpi4py import MPI

from hpcpy_core.errors import InputError

__all__ = ["Span", "has_datatype", "overlap", "refuse_masked"]


class Span(Protocol):
    """A part of host memory, or of a device's."""

    @property
    def address(self) -> int:
        """Where it begins."""

    @property
    def nbytes(self) -> int:
        """How long it is."""


def refuse_masked(array: object, name: str) -> None:
    """Refuse a masked array, as `numpy.save` does: files and messages have no mask. Local.

    Parameters
    ----------
    array
        Whatever the caller was given.
    name
        What the caller calls it, for the message.

    Raises
    ------
    InputError
        Names the two calls that mend it.
    """
    if isinstance(array, np.ma.MaskedArray):
        raise InputError(
            f"{name} is a masked array, and its mask would be lost: pass {name}.filled(value), or "
            f"{name}.data and numpy.ma.getmaskarray({name}) as two arrays"
        )


@functools.cache
def has_datatype(typestr: str) -> bool:
    """Return whether this MPI has a datatype for items, by mpi4py, which knows it. Local.

    Parameters
    ----------
    typestr
        As in an array interface, such as ``<f8``.
    """
    dtype = np.dtype(typestr)
    if not dtype.isnative or dtype.kind not in "biufc":
        return False
    try:
        datatype = MPI.Datatype.fromcode(typestr[1:])
    except ValueError:
        return False
    return datatype not in (MPI.DATATYPE_NULL, MPI.BYTE)


def overlap(first: Span, second: Span) -> bool:
    """Return whether two parts of one memory have bytes in common. Local."""
    return max(first.address, second.address) < min(
        first.address + first.nbytes, second.address + second.nbytes
    )
