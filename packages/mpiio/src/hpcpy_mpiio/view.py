"""The file view through which a rank sees its own block of a .npy file only.

The etype is one item as plain bytes, so that every dtype in either byte order
works. The filetype is the block's place in the whole array, and the view starts
after the header.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod

from mpi4py import MPI

from hpcpy_core.datatypes import committed
from hpcpy_core.decomposition import Block
from hpcpy_core.repeat_datatype import LARGEST_COUNT, repeat_datatype
from hpcpy_mpiio.header import Header

__all__ = ["View", "block_view"]

ORDERS = {"C": MPI.ORDER_C, "F": MPI.ORDER_FORTRAN}


@dataclass(frozen=True, kw_only=True)
class View:
    """What MPI_File_set_view needs, made before the file is open."""

    displacement: int
    etype: MPI.Datatype
    filetype: MPI.Datatype

    def set(self, file: MPI.File, info: MPI.Info) -> None:
        """Restrict a file to this view. Collective over the file's ranks."""
        file.Set_view(self.displacement, self.etype, self.filetype, info=info)


@contextmanager
def block_view(header: Header, block: Block) -> Iterator[View]:
    """Describe the place of a block in a file; its datatypes live as long. Local.

    Parameters
    ----------
    header
        Of a file whose items have at least one byte; the same on every rank.
    block
        This rank's part; it may be empty, and may overlap that of another rank
        that reads.
    """
    itemsize, start = header.dtype.itemsize, header.offset
    with committed(MPI.BYTE.Create_contiguous(itemsize)) as etype:
        if block.size == 0:  # reads and writes no item: any filetype does
            yield View(displacement=start, etype=etype, filetype=etype)
        elif max(header.shape, default=1) <= LARGEST_COUNT:
            # The leading axis makes room for arrays without axes: MPI wants at least one.
            sizes, subsizes, starts = (1, *header.shape), (1, *block.shape), (0, *block.start)
            order = ORDERS[header.order]
            with committed(etype.Create_subarray(sizes, subsizes, starts, order)) as filetype:
                yield View(displacement=start, etype=etype, filetype=filetype)
        else:
            strides = _measure_strides(header)
            start += sum(index * stride for index, stride in zip(block.start, strides, strict=True))
            with committed(_nest_axes(etype, block.shape, strides)) as filetype:
                yield View(displacement=start, etype=etype, filetype=filetype)


def _measure_strides(header: Header) -> tuple[int, ...]:
    """Return the bytes in the file from one index to the next, along every axis."""
    shape, itemsize = header.shape, header.dtype.itemsize
    if header.order == "F":
        return tuple(itemsize * prod(shape[:axis]) for axis in range(len(shape)))
    return tuple(itemsize * prod(shape[axis + 1 :]) for axis in range(len(shape)))


def _nest_axes(etype: MPI.Datatype, lengths: Sequence[int], strides: Sequence[int]) -> MPI.Datatype:
    """Do what Create_subarray does, for axes that are too long for it. Local."""
    nested = etype.Dup()
    for stride, length in sorted(zip(strides, lengths, strict=True)):  # the fastest axis first
        inner, nested = nested, repeat_datatype(nested, length, stride)
        inner.Free()
    return nested
