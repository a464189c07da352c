"""Arguments that all ranks must give alike, checked before any file is touched."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from mpi4py import MPI

from hpcpy_core.agreement import agreed
from hpcpy_core.array_rules import refuse_masked
from hpcpy_core.decomposition import Block, Decomposition
from hpcpy_core.errors import FileError, InputError

__all__ = [
    "check_alike",
    "check_block",
    "check_decomposition",
    "check_finite",
    "check_inside",
    "check_order",
    "check_together",
]


def check_decomposition(decomposition: Decomposition, comm: MPI.Intracomm) -> None:
    """Refuse a decomposition for another number of ranks. Local."""
    if decomposition.ranks != comm.size:
        raise InputError(
            f"dims {decomposition.dims} divide the array over {decomposition.ranks} ranks, but "
            f"the communicator has {comm.size}: take dims from MPI.Compute_dims({comm.size}, "
            f"{len(decomposition.dims)})"
        )


def check_block(block: npt.NDArray[Any], decomposition: Decomposition, rank: int) -> None:
    """Refuse what is not this rank's owned part. Local."""
    if not isinstance(block, np.ndarray):
        raise InputError(
            f"rank {rank} gave a {type(block).__name__}: give a NumPy array in host memory"
        )
    refuse_masked(block, "block")
    owned = decomposition.owned(rank)
    if block.shape != owned.shape:
        raise InputError(
            f"rank {rank} gave a block of shape {block.shape}, but owns {owned.shape} of "
            f"{decomposition.shape}: pass the part decomposition.owned(comm.rank)"
        )


def check_finite(name: str, block: npt.NDArray[Any], start: tuple[int, ...]) -> None:
    """Refuse a block with an item that is infinite or not a number. Local.

    Parameters
    ----------
    name
        Of the field.
    block
        Any dtype; those without such items pass. Fields of structured ones are looked at.
    start
        Of the block in the whole array, for the message.
    """
    if block.dtype.names is not None:
        for field in block.dtype.names:
            check_finite(f"{name}[{field!r}]", block[field], start)
    elif block.dtype.kind in "fc" and block.size > 0:
        items = np.asarray(block)
        for row in items if items.ndim > 1 else (items,):  # little memory beside the block
            if not np.isfinite(row).all():
                at = tuple(map(int, np.argwhere(~np.isfinite(items))[0]))
                place = tuple(a + b for a, b in zip(at, start, strict=False))
                raise FileError(
                    f"the field {name} is not finite ({items[at]} at {place}), so that no "
                    "checkpoint of it replaces a good one: look where the run went wrong, or "
                    "pass finite=False to Checkpoint where that is meant"
                )


def check_order(order: str) -> None:
    """Refuse what is no order of items. Local."""
    if order not in ("C", "F"):
        raise InputError(f'order {order!r} is unknown: give "C" or "F" (Fortran)')


def check_inside(block: Block, shape: tuple[int, ...]) -> None:
    """Refuse a block that is not part of an array of `shape`. Local."""
    bounds = zip(block.start, block.stop, strict=True)
    if len(block.start) != len(shape) or any(
        not 0 <= start <= stop <= length
        for (start, stop), length in zip(bounds, shape, strict=True)
    ):
        raise InputError(
            f"the block from {block.start} to {block.stop} is not part of an array of shape "
            f"{shape}: give start <= stop <= shape along every axis"
        )


def check_alike(what: str, value: object, comm: MPI.Intracomm) -> None:
    """Refuse a value that is not rank 0's on some rank. Collective over comm."""
    check_together(lambda: {what: value}, comm)


def check_together(check: Callable[[], Mapping[str, object]], comm: MPI.Intracomm) -> None:
    """Check arguments on every rank, and that they are the same on all. Collective over comm.

    Parameters
    ----------
    check
        Raises if an argument of this rank cannot work, else returns what must be
        alike, by names that go into the message. It does not communicate.
    comm
        The ranks that agree, in one broadcast and one reduction.

    Raises
    ------
    Exception
        The same on every rank: what the check raised on the lowest failing rank,
        or an `InputError` for a value that is not rank 0's.
    """
    values: Mapping[str, object] = {}
    failure: Exception | None = None
    try:
        values = check()
    except Exception as error:
        failure = error
    first = comm.bcast(values, root=0)
    with agreed(comm):
        if failure is not None:
            raise failure
        for what in values.keys() & first.keys():  # rank 0 has none if its own check failed
            if values[what] != first[what]:
                raise InputError(
                    f"rank {comm.rank} gave {what} {values[what]}, but rank 0 gave "
                    f"{first[what]}: give the same on every rank"
                )
