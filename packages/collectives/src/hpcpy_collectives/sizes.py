"""Message sizes in bytes, and the element that reductions add."""

from hpcpy_core.sizes import parse_count

__all__ = ["ELEMENT_BYTES", "LARGEST", "parse_sizes", "powers_of_two"]

ELEMENT_BYTES = 4
"""Reductions add 4-byte floats, as OSU's do."""

LARGEST = (1 << 31) - 1
"""MPI counts are C ints: one message of more bytes needs another datatype."""


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
