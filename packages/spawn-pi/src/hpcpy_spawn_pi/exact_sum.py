"""Sums of float64 as integers: exact, so that neither order nor company changes a bit.

A float64 of at least 1 is a multiple of 2^-52, the distance of the float64 from 1 to 2;
beyond 2 they are farther apart, by powers of two. In units of 2^-52 it is an integer.
"""

import numpy as np
import numpy.typing as npt

__all__ = ["LIMBS", "UNITS", "add_exactly", "from_limbs", "to_limbs"]

UNITS = 1 << 52
"""In 1: totals are integers in units of 2^-52."""

LIMBS = 4
"""Of 32 bits each: 128 hold 4 N for the most intervals, 2^54, in units of 2^-52."""

LIMB_BITS = 32


def add_exactly(sums: npt.NDArray[np.float64]) -> int:
    """Return the exact sum in units of 2^-52. Local.

    Parameters
    ----------
    sums
        (n,) array, n at most 2048; of numbers from 1 to 2^42.
    """
    whole = np.floor(sums)
    # Each fraction is less than 2^52 units, so 2048 of them fit in 63 bits.
    fractions = ((sums - whole) * UNITS).astype(np.int64)
    return int(whole.sum()) * UNITS + int(fractions.sum())


def to_limbs(total: int) -> npt.NDArray[np.int64]:
    """Cut a total into limbs of 32 bits, which MPI.SUM adds without carrying. Local.

    Returns
    -------
    numpy.ndarray
        (LIMBS,) int64 array, the lowest limb first. The sum of up to 2^31 such arrays,
        item by item, does not overflow; `from_limbs` takes it as it is.

    Raises
    ------
    OverflowError
        If the total is negative or does not fit.
    """
    data = total.to_bytes(LIMBS * LIMB_BITS // 8, "little")
    return np.frombuffer(data, dtype="<u4").astype(np.int64)


def from_limbs(limbs: npt.NDArray[np.int64]) -> int:
    """Return the total whose limbs these are, or the sum of several totals'. Local."""
    return sum(int(limb) << (LIMB_BITS * place) for place, limb in enumerate(limbs))
