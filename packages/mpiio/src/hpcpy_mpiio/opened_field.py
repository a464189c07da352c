"""An open .npy file, of which all ranks read blocks together."""

from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt
from mpi4py import MPI

from hpcpy_core.agreement import agreed, on_root
from hpcpy_core.decomposition import Block, Decomposition
from hpcpy_core.errors import HpcpyError, InputError
from hpcpy_mpiio.check import check_decomposition, check_inside, check_together
from hpcpy_mpiio.failing import failing
from hpcpy_mpiio.header import Header, Order, check_size
from hpcpy_mpiio.hints import hints_in_force
from hpcpy_mpiio.message import Message, block_message
from hpcpy_mpiio.statistics import Statistics, total_over_ranks
from hpcpy_mpiio.view import block_view

__all__ = ["CURE", "Field"]

CURE = "check that the file is still there"


class NoMemoryError(HpcpyError, MemoryError):
    """A rank has no memory for what it should read."""


@dataclass(kw_only=True)
class Field:
    """An open .npy file, of which all ranks read blocks together. See `open_field`.

    Attributes
    ----------
    path
        Absolute, as rank 0 found it.
    header
        What the file says of its items.
    statistics
        Of opening it and of all reads so far.
    """

    path: Path
    header: Header
    file: MPI.File
    info: MPI.Info
    comm: MPI.Intracomm
    statistics: Statistics = field(default_factory=lambda: Statistics(bytes=0, seconds=0.0))

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the whole array."""
        return self.header.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of its items, in the file's byte order."""
        return self.header.dtype

    @property
    def order(self) -> Order:
        """Of the items in the file: "C" or "F"."""
        return self.header.order

    def read(self, decomposition: Decomposition) -> npt.NDArray[Any]:
        """Read this rank's owned part. Collective over the field's comm.

        Parameters
        ----------
        decomposition
            Of an array of the field's shape, the same on every rank, for
            ``comm.size`` ranks.

        Returns
        -------
        ndarray
            Shape ``decomposition.owned(comm.rank).shape``, the file's dtype, writeable,
            contiguous in the file's order.

        Raises
        ------
        InputError
            The same on every rank: another shape, another number of ranks, or a
            different decomposition on any of them.
        FileError
            The same on every rank, if reading failed on any.
        """

        def check() -> dict[str, object]:
            check_decomposition(decomposition, self.comm)
            if decomposition.shape != self.shape:
                raise InputError(
                    f"{self.path} holds an array of shape {self.shape}, but the decomposition "
                    f"is of {decomposition.shape}: make one with shape={self.shape}"
                )
            return {"a decomposition": decomposition}

        check_together(check, self.comm)
        return self.read_block(decomposition.owned(self.comm.rank))

    def read_block(self, block: Block) -> npt.NDArray[Any]:
        """Read any block on each rank. Collective over the field's comm.

        Parameters
        ----------
        block
            This rank's; those of several ranks may overlap, as with halos, and it
            may be empty.

        Returns
        -------
        ndarray
            Shape ``block.shape``, the file's dtype, writeable, contiguous in the
            file's order.

        Raises
        ------
        InputError
            The same on every rank, if the block of any is not inside the array.
        FileError
            The same on every rank, if reading failed on any.
        """
        start = perf_counter()
        with ExitStack() as stack:
            with agreed(self.comm):
                check_inside(block, self.shape)
                items = self._allocate(block.shape)
                if self.header.nbytes > 0:  # MPI has no file view without items
                    message = stack.enter_context(block_message(items, self.order))
                    view = stack.enter_context(block_view(self.header, block))
            if self.header.nbytes > 0:
                with agreed(self.comm), failing(f"set the file view of {self.path}", CURE):
                    view.set(self.file, self.info)
                with agreed(self.comm), failing(f"read {self.path}", CURE):
                    _read_block(self.file, message)
        with on_root(self.comm) as is_root:
            if is_root:  # cut short meanwhile? Both MPIs may then report full counts
                check_size(self.path, self.header)
        self.count(items.nbytes, perf_counter() - start)
        return items

    def _allocate(self, shape: tuple[int, ...]) -> npt.NDArray[Any]:
        """Return memory for a block. Local."""
        try:
            return np.empty(shape, self.dtype, order=self.order)
        except (MemoryError, ValueError) as error:
            raise NoMemoryError(
                f"rank {self.comm.rank} has no memory for a block of shape {shape} and dtype "
                f"{self.dtype} of {self.path}: read a smaller one, or start more ranks"
            ) from error

    def count(self, nbytes: int, seconds: float) -> None:
        """Add a step to the statistics. Collective over the field's comm."""
        total, slowest = total_over_ranks(self.comm, nbytes, seconds)
        self.statistics = Statistics(
            bytes=self.statistics.bytes + total,
            seconds=self.statistics.seconds + slowest,
            hints=hints_in_force(self.file),
        )


def _read_block(file: MPI.File, message: Message) -> None:
    """Read this rank's block. Collective over the file's ranks; may fail on some only."""
    status = MPI.Status()
    file.Read_all(message, status)
    # Get_count is wrong for large datatypes in Open MPI.
    received, wanted = status.Get_elements(MPI.BYTE), message[0].nbytes
    if received != wanted:
        raise OSError(f"{received} of {wanted} bytes were read: it has been cut short")
