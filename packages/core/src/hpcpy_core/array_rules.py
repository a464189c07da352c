"""Which arrays the calls of these packages take: the rules that all of them share."""

import numpy as np

from hpcpy_core.errors import InputError

__all__ = ["refuse_masked"]


def refuse_masked(array: object, name: str) -> None:
    """Refuse a masked array, as `numpy.save` does: files and messages have no mask. Local.

    Parameters
    ----------
    array
        Whatever the caller was given.
    name
        What the caller calls it, for the message.

    Raises
    ------
    InputError
        Names the two calls that mend it.
    """
    if isinstance(array, np.ma.MaskedArray):
        raise InputError(
            f"{name} is a masked array, and its mask would be lost: pass {name}.filled(value), or "
            f"{name}.data and numpy.ma.getmaskarray({name}) as two arrays"
        )
