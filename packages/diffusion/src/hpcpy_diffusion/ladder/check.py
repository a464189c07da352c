"""Check a way to take time steps against the reference, before it is timed."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from mpi4py import MPI

from hpcpy_core.agreement import on_root
from hpcpy_core.errors import HpcpyError
from hpcpy_diffusion.kernels import Field
from hpcpy_diffusion.ladder.timed import Timed
from hpcpy_diffusion.parameters import Parameters

__all__ = ["CHECKED_POINTS", "CHECKED_STEPS", "check", "small_problem", "solve_reference"]

CHECKED_POINTS = 41
CHECKED_STEPS = (1, 2, 7, 40)

References = Mapping[int, Field | None]
"""Fields by number of steps, on rank 0; None elsewhere."""


def small_problem(parameters: Parameters) -> Parameters:
    """Return the same problem on a small grid, whose starting field is not symmetric. Local."""
    width = parameters.x2 - parameters.x1
    return replace(parameters, dx=width / CHECKED_POINTS, initial="four-peak", outtime=0.0)


def solve_reference(reference: Timed) -> References:
    """Return the reference's fields. Collective."""
    return {steps: reference.whole(steps) for steps in CHECKED_STEPS}


def check(
    name: str,
    timed: Timed,
    fields: References,
    comm: MPI.Intracomm,
    *,
    tolerance: float | None = None,
) -> float:
    """Compare fields with the reference's. Collective over comm.

    Parameters
    ----------
    name
        For the message.
    timed
        What is checked.
    fields
        What it must give.
    tolerance
        By how much it may differ, as a share of the largest density; None is what another
        order of operations may do: four units in the last place for each step.

    Returns
    -------
    float
        The largest difference, as such a share; on rank 0, elsewhere 0.

    Raises
    ------
    HpcpyError
        On every rank, if it differs by more.
    """
    largest = 0.0
    for steps, field in fields.items():
        got = timed.whole(steps)
        with on_root(comm):
            if field is not None and got is not None:
                allowed = tolerance or 4 * steps * float(np.finfo(field.dtype).eps)
                largest = max(largest, _compare(name, steps, got, field, allowed))
    return largest


def _compare(name: str, steps: int, got: Field, field: Field, allowed: float) -> float:
    share = np.abs(got.astype(np.float64) - field) / np.abs(field).max()
    wrong = ~(share <= allowed)  # NaN is wrong, too
    if wrong.any():
        row, column = np.unravel_index(np.argmax(wrong), wrong.shape)
        points = field.shape[0] - 2
        raise HpcpyError(
            f"{name} is wrong and was not timed: after {steps} steps on {points} x {points} points "
            f"u[{row}, {column}] = {got[row, column]:.10g}, not {field[row, column]:.10g}"
        )
    return float(share.max())
