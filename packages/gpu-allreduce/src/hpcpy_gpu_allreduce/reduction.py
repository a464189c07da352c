"""What is reduced and how: the dtypes, the operations, and the step that combines two arrays."""

from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
from mpi4py import MPI

from hpcpy_core.device import Array
from hpcpy_core.errors import InputError
from hpcpy_gpu_allreduce.names import DTYPES, UFUNCS

__all__ = ["REDUCTIONS", "Reduction", "check_dtype", "find_reduction"]


@dataclass(frozen=True, kw_only=True)
class Reduction:
    """One of MPI's operations, and the function of NumPy and CuPy that does the same."""

    name: str
    op: MPI.Op
    ufunc: str

    def __str__(self) -> str:
        """Return it as MPI writes it, such as ``MPI.SUM``."""
        return f"MPI.{self.name.upper()}"

    def combine(self, xp: ModuleType, first: Array, second: Array, out: Array) -> None:
        """Combine two arrays item by item. Local.

        Parameters
        ----------
        xp
            The library of the arrays: NumPy or CuPy.
        first, second, out
            Of the same shape and dtype; `out` may be one of them. Their order decides about the
            last bit of a complex product, and about which of two NaNs or zeros is taken.
        """
        ufunc = getattr(xp, self.ufunc)
        if self.name == "prod" and out.dtype.kind == "c":
            # Into one of its factors NumPy multiplies a single complex number in another way, with
            # another last bit; but the result must be the same in place, and on all ranks.
            out[...] = ufunc(first, second)
        else:
            ufunc(first, second, out=out)


REDUCTIONS = {
    name: Reduction(name=name, op=getattr(MPI, name.upper()), ufunc=ufunc)
    for name, ufunc in UFUNCS.items()
}


def find_reduction(op: MPI.Op, dtype: np.dtype[Any]) -> Reduction:
    """Return what an operation of MPI means for a dtype. Local.

    Raises
    ------
    InputError
        If it is not one of the four, or has no meaning for that dtype.
    """
    found = next((each for each in REDUCTIONS.values() if each.op == op), None)
    if found is None:
        raise InputError(
            "this operation of MPI is not supported here: pass op=MPI.SUM, MPI.PROD, MPI.MIN or "
            "MPI.MAX, or call comm.Allreduce itself"
        )
    if dtype.kind == "c" and found.name in ("min", "max"):
        raise InputError(
            f"{found} has no meaning for {dtype}, which has no order: reduce "
            "numpy.abs(array), or the parts array.real and array.imag by themselves"
        )
    return found


def check_dtype(dtype: np.dtype[Any]) -> None:
    """Refuse what is no number of the machine. Local.

    Raises
    ------
    InputError
        Says what to pass in its place.
    """
    if not dtype.isnative:
        raise InputError(
            f"{dtype!r} is in the byte order of another machine: pass "
            "array.astype(array.dtype.newbyteorder('='))"
        )
    if dtype == np.bool_:
        raise InputError(
            "bool is no number: pass array.view(numpy.uint8), with MPI.MIN for 'on all ranks' "
            "or MPI.MAX for 'on any rank'"
        )
    if dtype.name not in DTYPES:
        raise InputError(f"cannot reduce {dtype}: pass an array of one of {', '.join(DTYPES)}")
