"""Look that a field is finite before it is written: what is not would be found much later."""

import numpy as np
from mpi4py import MPI

from hpcpy_core.agreement import raise_on_all
from hpcpy_core.errors import HpcpyError
from hpcpy_diffusion.kernels import Field

__all__ = ["NotFiniteError", "is_finite", "require_finite"]


class NotFiniteError(HpcpyError):
    """The field has become infinite or not a number; nothing of it was written."""


def require_finite(block: Field, step: int, comm: MPI.Intracomm) -> None:
    """Refuse to go on with a field that is not finite. Collective over comm.

    Raises
    ------
    NotFiniteError
        On every rank, if any rank's block is not.
    """
    error = None
    if not is_finite(block):
        error = NotFiniteError(
            f"the field at step {step} is not finite (inf or NaN), and is not written: scale the "
            "initial field down, or use float64; if its values are moderate, the memory or the "
            "kernel is at fault: continue from a checkpoint with another --kernel"
        )
    raise_on_all(comm, error)


def is_finite(block: Field) -> bool:
    """Tell whether all items are finite, by one sum where they are. Local."""
    with np.errstate(all="ignore"):
        if np.isfinite(block.sum()):
            return True
    return bool(np.isfinite(block).all())  # finite items may have a sum beyond the range
