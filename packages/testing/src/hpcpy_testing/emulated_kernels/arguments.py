"""Arguments of a kernel, as CuPy takes them, for a call on the host."""

import ctypes
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

__all__ = ["pack_arguments"]

POINTER = 8
"""Bytes."""
KINDS = {"i": "int", "u": "uint", "f": "float"}


def pack_arguments(
    name: str, parameters: Sequence[str], arguments: Sequence[Any]
) -> tuple[Any, list[object]]:
    """Return an array of the arguments' addresses, and what they are the addresses of. Local.

    Parameters
    ----------
    name
        Of the kernel, for messages.
    parameters
        As the compiler tells them: ``i4``, ``u8``, ``f8``, ``b1`` a bool, ``V24`` a struct,
        and behind a ``P`` what a pointer points to; ``Pv0`` is a ``void *``.
    arguments
        Arrays of the emulated CuPy, numbers of NumPy, or an array of NumPy of one item,
        which is passed by value.

    Raises
    ------
    TypeError
        If they are not what the kernel's parameters are. CuPy would not tell: it passes a
        Python int as 8 bytes and a float as a double, whatever the kernel takes.
    """
    if len(arguments) != len(parameters):
        raise TypeError(f"{name} takes {len(parameters)} arguments, not {len(arguments)}")
    kept: list[object] = []
    addresses = (ctypes.c_void_p * len(arguments))()
    for number, (parameter, argument) in enumerate(zip(parameters, arguments, strict=True)):
        given = _to_bytes(argument)
        if given is None or not _fits(parameter, argument):
            raise TypeError(
                f"argument {number} of {name} must be {_describe(parameter)}, not "
                f"{getattr(argument, 'dtype', '')} {type(argument).__name__}: {argument!r:.60}"
            )
        buffer = ctypes.create_string_buffer(given, len(given))
        kept.append(buffer)
        addresses[number] = ctypes.addressof(buffer)
    return addresses, kept


def _to_bytes(argument: Any) -> bytes | None:  # noqa: ANN401 - whatever was given
    if hasattr(argument, "__cuda_array_interface__"):
        address: int = argument.__cuda_array_interface__["data"][0]
        return address.to_bytes(POINTER, sys.byteorder)
    if isinstance(argument, np.ndarray | np.generic) and argument.size == 1:
        return argument.tobytes()
    return None


def _fits(parameter: str, argument: Any) -> bool:  # noqa: ANN401 - as above
    if parameter.startswith("P"):
        if not hasattr(argument, "__cuda_array_interface__"):
            return bool(argument.dtype == np.uintp)  # an address, as a number
        return parameter[1] in "vV" or _is(argument.dtype, parameter[1:])
    return not hasattr(argument, "__cuda_array_interface__") and _is(argument.dtype, parameter)


def _is(dtype: np.dtype[Any], described: str) -> bool:
    if described[0] == "V":  # of complex numbers, or a struct
        return dtype.itemsize == int(described[1:])
    return dtype.str[1:] == described


def _describe(parameter: str) -> str:
    kind, size = parameter[0], parameter[1:]
    if kind == "P":
        return "a device array" + ("" if size[0] in "vV" else f" of {_describe(size)}")
    if kind == "V":
        return f"a struct of {size} B"
    return "numpy.bool_" if kind == "b" else f"numpy.{KINDS[kind]}{8 * int(size)}"
