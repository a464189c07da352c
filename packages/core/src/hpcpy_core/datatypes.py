"""MPI datatypes that live as long as a `with` block."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy.typing as npt
from mpi4py import MPI
from mpi4py.util import dtlib

__all__ = ["committed", "subarray"]


@contextmanager
def committed(datatype: MPI.Datatype) -> Iterator[MPI.Datatype]:
    """Commit a derived datatype and free it at the end of the block. Local.

    Free only when no pending request uses it any more: MPI allows it earlier,
    readers do not expect it.
    """
    datatype.Commit()
    try:
        yield datatype
    finally:
        datatype.Free()


@contextmanager
def subarray(
    dtype: npt.DTypeLike, shape: Sequence[int], region: Sequence[slice]
) -> Iterator[MPI.Datatype]:
    """Describe ``array[region]`` of a C-ordered array, without a copy. Local.

    Parameters
    ----------
    dtype
        A simple NumPy dtype: integer, real or complex, in the machine's byte order.
    shape
        Of the whole local array.
    region
        One slice with explicit start and stop for each axis, not empty.
    """
    starts = [axis.start for axis in region]
    lengths = [axis.stop - axis.start for axis in region]
    item = dtlib.from_numpy_dtype(dtype)
    with committed(item.Create_subarray(list(shape), lengths, starts)) as datatype:
        yield datatype
