"""Parameters from a file and from ``--set``: TOML or the course notes' format, never executed.

The notes' format is a list of ``name = value`` separated by semicolons or line
ends, with comments after ``#`` or ``//``::

    D = 1.0; x1 = -10.0; x2 = 10.0;
    graphics = False;   # no window
"""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from hpcpy_core.errors import InputError
from hpcpy_core.files.regular import read_bounded
from hpcpy_diffusion.parameters import Parameters

__all__ = ["parse_parameters", "read_parameters"]

TYPES: dict[str, type] = {field.name: type(field.default) for field in fields(Parameters)}
BOOLEANS = {"true": True, "false": False}
LARGEST_FILE = 1 << 20
LONGEST = 60
"""So many characters of what is refused are shown."""


def read_parameters(path: Path | None) -> str:
    """Return a parameter file's text, empty for None. Local.

    Raises
    ------
    InputError
        If it cannot be read as text, or is no regular file.
    """
    if path is None:
        return ""
    try:
        text = read_bounded(path, LARGEST_FILE)
    except OSError as error:
        raise InputError(f"parameter file {path}: {error.strerror}") from error
    try:
        return text.decode("utf-8-sig")  # Windows' editors put a mark at the beginning
    except UnicodeDecodeError as error:
        raise InputError(f"parameter file {path}: not a text file ({error})") from error


def parse_parameters(
    text: str, *, source: str, toml: bool, overrides: Iterable[str] = ()
) -> Parameters:
    """Make parameters of a file's text and ``name=value`` overrides. Local.

    Parameters
    ----------
    text
        What `read_parameters` returned.
    source
        The file's name, for messages.
    toml
        TOML, or the course notes' format.
    overrides
        Each ``name=value``, the later ones winning.

    Raises
    ------
    InputError
        For an unknown name, a value of the wrong type, or a value out of range.
    """
    given = _parse_toml(text, source) if toml else _parse_notes(text, source)
    for override in overrides:
        name, equals, value = override.partition("=")
        if not equals:
            raise InputError(f"--set {shorten(override)}: write it as name=value")
        _set(given, name.strip(), value.strip(), "--set")
    return Parameters(**given)


def _parse_toml(text: str, source: str) -> dict[str, Any]:
    try:
        table = tomllib.loads(text)
    except RecursionError:
        raise InputError(f"parameter file {source}: tables or lists are nested too deep") from None
    except ValueError as error:  # also an integer of more digits than Python takes
        raise InputError(f"parameter file {source}: {shorten(str(error), 200)}") from error
    given: dict[str, Any] = {}
    for name, value in table.items():
        _set(given, name, value, source)
    return given


def _parse_notes(text: str, source: str) -> dict[str, Any]:
    given: dict[str, Any] = {}
    lines: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        for statement in re.split(r"#|//", line)[0].split(";"):
            if not statement.strip():
                continue
            name, equals, value = (part.strip() for part in statement.partition("="))
            where = f"{source}, line {number}"
            if not equals or not value:
                raise InputError(f"{where}: {shorten(statement)!r} is not name = value")
            if name in lines:
                raise InputError(f"{where}: {name} is given already in line {lines[name]}")
            _set(given, name, value.strip("\"'"), where)
            lines[name] = number
    return given


def _set(given: dict[str, Any], name: str, value: object, where: str) -> None:
    """Put a value into `given`, in its parameter's type."""
    if name not in TYPES:
        similar = get_close_matches(name[:LONGEST], TYPES, n=1)
        hint = f"did you mean {similar[0]}?" if similar else f"known are {', '.join(TYPES)}"
        raise InputError(f"{where}: unknown parameter {shorten(name)!r}; {hint}")
    given[name] = _convert(name, value, where)


def _convert(name: str, value: object, where: str) -> object:
    """Give a value its parameter's type; text comes from the notes' format and ``--set``."""
    wanted = TYPES[name]
    if wanted is bool:
        if isinstance(value, str):
            value = BOOLEANS.get(value.lower(), value)
        if isinstance(value, bool):
            return value
        raise InputError(f"{where}: {name} = {_show(value)} is not True or False")
    if wanted is float:
        try:
            if isinstance(value, str):
                return _read_number(value)
            if isinstance(value, int | float) and not isinstance(value, bool):
                return float(value)
        except (ValueError, OverflowError):
            pass
        raise InputError(f"{where}: {name} = {_show(value)} is not a number")
    if isinstance(value, str) and value:
        return value
    raise InputError(f"{where}: {name} = {_show(value)} is not a text")


def _read_number(text: str) -> float:
    """Read digits as C and Fortran do: Python's float takes 1_0 and the digits of all scripts."""
    if not text.isascii() or "_" in text:
        raise ValueError
    return float(text)


def shorten(text: str, most: int = LONGEST) -> str:
    """Return the beginning of what may be very long. Local."""
    text = text.strip()
    return text if len(text) <= most else f"{text[:most]}…"


def _show(value: object) -> str:
    try:
        return shorten(repr(value), LONGEST)
    except (ValueError, RecursionError):  # an int of more digits than Python prints
        return f"a {type(value).__name__}"
