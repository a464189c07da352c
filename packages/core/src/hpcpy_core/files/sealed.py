"""Files that tell whether they are whole: a seal at their end, over all that is before it. No MPI.

A library that was truncated ends the process that loads it, by a signal; one with another bit
runs, and does something else. What reads libraries, objects and pickles does not mind bytes
that follow.
"""

import hashlib
from pathlib import Path

from hpcpy_core.files.private_cache import is_trusted

__all__ = ["is_usable", "seal", "seal_of"]

MARK = b"\nhpcpy seal "


def seal_of(content: bytes) -> bytes:
    """Return what follows `content` in a sealed file: 45 bytes or so. Local."""
    return MARK + hashlib.sha256(content).digest()


def seal(path: Path) -> None:
    """Seal a file. Local.

    Raises
    ------
    OSError
        If it cannot be read or written.
    """
    content = path.read_bytes()
    with path.open("ab") as file:
        file.write(seal_of(content))


def is_usable(path: Path) -> bool:
    """Say whether a file in a private folder may be trusted, and is whole. Local."""
    if not is_trusted(path):
        return False
    try:
        content = path.read_bytes()
    except OSError:
        return False
    end = len(content) - len(seal_of(b""))
    return end >= 0 and content[end:] == seal_of(content[:end])
