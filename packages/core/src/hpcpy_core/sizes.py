"""Numbers of bytes as people write them: ``8``, ``64K``, ``1G``. Starts no MPI."""

import re

__all__ = ["format_size", "parse_count"]

UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}

MOST_DIGITS = 18
"""Below 2^63 bytes: more is nowhere."""


def parse_count(text: str) -> int:
    """Turn ``4M`` into 4194304. Local.

    Raises
    ------
    ValueError
        If the text is not a positive whole number with K, M, G, T or nothing after it.
    """
    match = re.fullmatch(r"(\d+)([KMGT]?)", text.strip().upper())
    if match is None or len(match[1]) > MOST_DIGITS or not int(match[1]):
        shown = text if len(text) <= 2 * MOST_DIGITS else f"{text[: 2 * MOST_DIGITS]}…"
        raise ValueError(f"{shown!r} is not a positive number like 8, 1K or 4M")
    return int(match[1]) * UNITS[match[2]]


def format_size(size: int) -> str:
    """Return a size in its largest whole unit, such as ``64K``. Local."""
    for name, unit in reversed(UNITS.items()):
        if size >= unit and size % unit == 0:
            return f"{size // unit}{name}"
    return str(size)
