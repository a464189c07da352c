"""Message sizes in bytes as people write them: ``8``, ``1K``, ``1:4M``."""

import re

__all__ = ["ELEMENT_BYTES", "format_size", "parse_count", "parse_sizes", "powers_of_two"]

ELEMENT_BYTES = 4
"""Reductions add 4-byte floats, as OSU's do."""

UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
LARGEST = (1 << 31) - 1
"""MPI counts are C ints: one message of more bytes needs another datatype."""


def parse_count(text: str) -> int:
    """Turn ``4M`` into 4194304. Local.

    Raises
    ------
    ValueError
        If the text is not a positive number with K, M, G or nothing after it.
    """
    match = re.fullmatch(r"(\d+)([KMG]?)", text.strip().upper())
    if match is None or not int(match[1]):
        raise ValueError(f"{text!r} is not a positive number like 8, 1K or 4M")
    return int(match[1]) * UNITS[match[2]]


def parse_sizes(text: str) -> tuple[int, ...]:
    """Turn ``1:4M`` into the powers of two from 1 B to 4 MiB, ``8`` into 8 B alone. Local.

    Raises
    ------
    ValueError
        If it is neither a size nor a rising range, or beyond one MPI message.
    """
    first, colon, last = text.partition(":")
    low = parse_count(first)
    high = parse_count(last) if colon else low
    if high < low:
        raise ValueError(f"{text!r} falls: write the smaller size first, {last}:{first}")
    if high > LARGEST:
        raise ValueError(f"{text!r} ends at {high} B, but one MPI message has at most {LARGEST} B")
    return powers_of_two(low, high) if colon else (low,)


def powers_of_two(low: int, high: int) -> tuple[int, ...]:
    """Return low, 2 low, 4 low ... and high itself. Local."""
    values = []
    while low < high:
        values.append(low)
        low *= 2
    return (*values, high)


def format_size(size: int) -> str:
    """Return a size in its largest whole unit, such as ``64K``. Local."""
    for name, unit in reversed(UNITS.items()):
        if size >= unit and size % unit == 0:
            return f"{size // unit}{name}"
    return str(size)
