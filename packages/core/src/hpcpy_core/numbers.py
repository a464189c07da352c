"""Numbers as people pass them: Python's, NumPy's scalars, and arrays without axes.

Imports NumPy only where NumPy's own are passed. Starts no MPI.
"""

import operator
from collections.abc import Iterable
from numbers import Integral, Real

from hpcpy_core.errors import InputError

__all__ = ["NumberError", "as_integer", "as_integers", "as_real"]

LONGEST = 40
"""So many characters of a refused value are shown."""


class NumberError(InputError, TypeError):
    """Something that is no number stands where one is expected."""


def as_integer(value: object, name: str) -> int:
    """Return a whole number as Python's own. Local.

    Parameters
    ----------
    value
        An int, an integer of NumPy, or an array of one without axes. A bool is none, and
        neither is a float, even a whole one.
    name
        Of what it is for, in the message.

    Raises
    ------
    NumberError
        An `InputError` that is a TypeError too.
    """
    bare = _unpack(value)
    if not isinstance(bare, Integral) or _is_bool(bare):
        raise NumberError(f"{name} = {_show(value)}: must be a whole number")
    return operator.index(bare)


def as_real(value: object, name: str) -> float:
    """Return a real number as Python's float; see `as_integer`. Local.

    It may be infinite or not a number: whether that works the caller knows.

    Raises
    ------
    NumberError
        If it is no real number.
    InputError
        If it is a whole number beyond the range of a float.
    """
    bare = _unpack(value)
    if not isinstance(bare, Real) or _is_bool(bare):
        raise NumberError(f"{name} = {_show(value)}: must be a number")
    try:
        return float(bare)
    except OverflowError:
        raise InputError(f"{name} = {_show(value)}: is beyond the range of a float") from None


def as_integers(values: object, name: str) -> tuple[int, ...]:
    """Return whole numbers, such as a shape, as a tuple; a lone one is a tuple of one. Local.

    Parameters
    ----------
    values
        A tuple, list, range or one-dimensional array, or a number as in `as_integer`.
    name
        Of what they are for.

    Raises
    ------
    NumberError
        If any is no whole number.
    """
    if isinstance(values, Iterable) and not isinstance(values, str | bytes):
        if getattr(values, "ndim", 1) == 1:
            return tuple(as_integer(value, name) for value in values)
        if getattr(values, "ndim", 1) > 1:
            raise NumberError(f"{name} = {_show(values)}: must be a list of whole numbers")
    return (as_integer(values, name),)


def _unpack(value: object) -> object:
    """Return the item of a NumPy scalar or of an array without axes; else what was passed."""
    if getattr(value, "shape", None) == () and hasattr(value, "item"):
        dtype = getattr(value, "dtype", None)
        if getattr(dtype, "kind", "") in "biuf":
            return value.item()
    return value


def _is_bool(value: object) -> bool:
    return isinstance(value, bool)


def _show(value: object) -> str:
    try:
        text = repr(value)
    except ValueError:  # an int of more digits than Python prints
        text = f"an integer of {value.bit_length()} bits" if isinstance(value, int) else "it"
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
