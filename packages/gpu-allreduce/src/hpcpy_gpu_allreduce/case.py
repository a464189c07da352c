"""One thing to be reduced: what every algorithm is given, the same on all ranks."""

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt
from mpi4py import MPI

from hpcpy_core.device import Array, Device
from hpcpy_core.errors import InputError
from hpcpy_core.numbers import as_integers
from hpcpy_gpu_allreduce.attached import Attached
from hpcpy_gpu_allreduce.reduction import Reduction, check_dtype, find_reduction

__all__ = ["Case", "make_case"]


@dataclass(frozen=True, kw_only=True)
class Case:
    """What is to be reduced, between whom, and where it is.

    Attributes
    ----------
    comm
        The ranks. Only this package sends messages on it.
    nodes
        On how many nodes they are.
    shape, dtype
        Of each rank's array.
    reduction
        How two items become one.
    device
        Where the arrays are, and how they reach MPI.
    """

    comm: MPI.Intracomm
    nodes: int
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    reduction: Reduction
    device: Device

    def __str__(self) -> str:
        """Return what all ranks must have in common."""
        place = f"{self.device.kind}, transport {self.device.transport.name}"
        return f"{self.dtype} of shape {self.shape}, {self.reduction}, on the {place}"

    @property
    def count(self) -> int:
        """Number of items."""
        return prod(self.shape)

    @property
    def nbytes(self) -> int:
        """Bytes of an array."""
        return self.count * self.dtype.itemsize

    def flatten(self, array: Array) -> Array:
        """Return a C-ordered array as one of one axis and the same memory. Local."""
        flat: Array = self.device.xp.asarray(array).reshape(-1)
        return flat

    def combine(self, first: Array, second: Array, out: Array) -> None:
        """Combine two arrays of this case's device into `out`. Local."""
        self.reduction.combine(self.device.xp, first, second, out)


def make_case(
    attached: Attached,
    shape: int | tuple[int, ...],
    dtype: npt.DTypeLike,
    op: MPI.Op,
    device: Device,
) -> Case:
    """Return the case of these parameters. Local.

    Raises
    ------
    InputError
        If the dtype or the operation is not supported.
    """
    type_ = np.dtype(dtype)
    check_dtype(type_)
    return Case(
        comm=attached.comm,
        nodes=attached.nodes,
        shape=_lengths(shape),
        dtype=type_,
        reduction=find_reduction(op, type_),
        device=device,
    )


def _lengths(shape: object) -> tuple[int, ...]:
    """Return plain integers, also of NumPy's: all ranks compare them in words."""
    found = as_integers(shape, "shape")
    if min(found, default=0) < 0:
        raise InputError(f"no array has the shape {found}: pass lengths of 0 or more")
    return found
