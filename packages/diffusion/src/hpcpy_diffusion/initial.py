"""Initial conditions: the density at the start, for any block of the grid."""

from math import pi
from pathlib import Path

import numpy as np
import numpy.typing as npt
from mpi4py import MPI

from hpcpy_core.agreement import agreed, raise_on_all
from hpcpy_core.decomposition import Block, Decomposition
from hpcpy_core.errors import FileError, InputError
from hpcpy_diffusion.kernels import Field
from hpcpy_diffusion.parameters import Parameters
from hpcpy_mpiio import load

__all__ = ["INITIAL_CONDITIONS", "fill_initial", "initial_density"]

Profile = npt.NDArray[np.float64]

TERMS = 8
"""Neighbours and the item four times: what a kernel may add up, whatever their signs."""

INITIAL_CONDITIONS = ("four-peak", "mode", "point")


def fill_initial(
    u: Field,
    parameters: Parameters,
    decomposition: Decomposition,
    comm: MPI.Intracomm,
    depth: int = 1,
) -> None:
    """Fill a zeroed padded block with the initial condition. Collective over comm.

    Parameters
    ----------
    u
        This rank's padded block, shape ``decomposition.padded(comm.rank, depth).shape``.
        Its boundary stays zero, its halo is left to the first exchange.
    depth
        Of the halo.

    Raises
    ------
    InputError
        On every rank, for an unknown name or a file that is no such field.
    """
    name, padded = parameters.initial, decomposition.padded(comm.rank, depth)
    interior = decomposition.interior(comm.rank)
    if name in INITIAL_CONDITIONS:
        initial_density(parameters, interior, out=u[interior.within(padded)])
    elif name.endswith(".npy"):
        block = _load(name, decomposition, comm)
        owned = decomposition.owned(comm.rank)
        with agreed(comm):
            if block.dtype.kind != "f" or not np.isfinite(block).all():
                raise InputError(f"initial = {name}: not a field of finite real numbers")
            _require_range(block, parameters)
            rows, columns = interior.within(owned)
            rims = block[: rows.start], block[rows.stop :], block[:, : columns.start]
            if any(rim.any() for rim in (*rims, block[:, columns.stop :])):
                raise InputError(f"initial = {name}: the boundary of the field is not zero")
            u[owned.within(padded)] = block
    else:
        choices = ", ".join(INITIAL_CONDITIONS)
        error = InputError(f"initial = {name}: choose {choices}, or give a .npy file")
        raise_on_all(comm, error)


def _load(name: str, decomposition: Decomposition, comm: MPI.Intracomm) -> Field:
    try:
        return load(Path(name), decomposition, comm)
    except FileError as error:
        if not error.agreed:
            raise
        unreadable = InputError(f"initial = {name}: {error}")
    raise_on_all(comm, unreadable)
    raise unreadable


def _require_range(block: Field, parameters: Parameters) -> None:
    """Refuse values whose sums in a step may lie beyond the range of the run's dtype. Local."""
    largest = max(abs(float(block.max(initial=0))), abs(float(block.min(initial=0))))
    limit = float(np.finfo(parameters.dtype).max) / TERMS
    if largest > limit:
        raise InputError(
            f"initial = {parameters.initial} holds {largest:.4g}, and a step adds up {TERMS} "
            f"terms of that size, beyond the range of {parameters.dtype}: scale the field to "
            f"{limit:.3g} at most" + ("" if parameters.dtype == "float64" else ", or use float64")
        )


def initial_density(parameters: Parameters, block: Block, out: Field | None = None) -> Field:
    """Evaluate a named initial condition on a block of interior points. Local.

    The profile of a whole side is evaluated and then cut: a vectorised sine may
    round differently at the end of an array, and all decompositions are to start
    from the same bits.

    Parameters
    ----------
    parameters
        Its `initial` is one of `INITIAL_CONDITIONS`.
    block
        Index ranges in the whole field, boundary included: 1 to n are interior.
    out
        Where it is written, shape ``block.shape``; None for a new array.

    Returns
    -------
    ndarray, shape ``block.shape``, of the parameters' dtype
    """
    index = np.arange(parameters.points + 2)
    if parameters.initial == "point":
        profile = (index == (parameters.points + 1) // 2) * 1.0
    elif parameters.initial == "mode":
        profile = _mode(index, parameters)
    else:
        profile = _peaks(index, parameters)
    rows, columns = (profile[a:b] for a, b in zip(block.start, block.stop, strict=True))
    out = np.empty(block.shape, parameters.dtype) if out is None else out
    np.multiply(rows[:, np.newaxis], columns, out=out, casting="same_kind")
    return out


def _peaks(index: npt.NDArray[np.int64], parameters: Parameters) -> Profile:
    """Return the course notes' a(s) = 1 - |1 - 4 |(s - (x1+x2)/2)/(x2-x1)||, at s = x_index."""
    x1, x2 = parameters.x1, parameters.x2
    position = x1 + (index - 1) * (x2 - x1) / parameters.points
    profile: Profile = 1 - np.abs(1 - 4 * np.abs((position - (x1 + x2) / 2) / (x2 - x1)))
    return profile


def _mode(index: npt.NDArray[np.int64], parameters: Parameters) -> Profile:
    """Return the slowest sine eigenmode of the discrete Laplacian with zero boundary."""
    profile: Profile = np.sin(pi * index / (parameters.points + 1))
    return profile
