"""Letters between the processes of a launch, which are files: MPI may not work."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from hpcpy_core.files.regular import read_bounded
from hpcpy_doctor.private_folder import check_private, leave_folder, make_folder

__all__ = ["Letter", "Mailbox"]

Letter = Mapping[str, Any]

ATTEMPTS = 3

LONGEST = 2**24
"""Bytes of a letter, which has some thousand."""


class Mailbox:
    """Where the processes of one launch meet.

    Parameters
    ----------
    key
        Of the launch.
    bases
        In the order of preference. Letters are put into the first that takes them, and looked
        for in all.
    """

    def __init__(self, key: str, bases: Sequence[Path]) -> None:
        self.key, self.bases = key, bases

    def claim(self, name: str, letter: Letter) -> bool:
        """Put a letter there, unless there is one of that name; tell whether. Local.

        Raises
        ------
        OSError
            If no place takes it.
        """
        return self._put(name, json.dumps(letter).encode(), os.O_EXCL)

    def put(self, name: str, letter: Letter) -> None:
        """Put a letter there, as a whole. Local.

        Raises
        ------
        OSError
            If no place takes it.
        """
        self._put(name, json.dumps(letter).encode(), 0)

    def read(self, name: str) -> Letter | None:
        """Return a letter, or None if there is none yet. Local."""
        for path in self._find(name):
            # One that is being written is not there yet; a FIFO or the like is none.
            with suppress(OSError, ValueError, RecursionError):
                letter = json.loads(read_bounded(path, LONGEST))
                if isinstance(letter, dict):
                    return letter
        return None

    def take(self, name: str) -> Letter | None:
        """Return a letter and remove it, or None if there is none yet. Local."""
        letter = self.read(name)
        if letter is not None:
            self.drop(name)
        return letter

    def drop(self, pattern: str) -> None:
        """Remove the letters whose names match. Local."""
        for path in self._find(pattern):
            with suppress(OSError):
                path.unlink()

    def place(self, name: str) -> Path:
        """Return where a file of that name can be written. Local.

        Raises
        ------
        OSError
            If no place takes it.
        """
        self._put(name, b"", 0)
        return next(self._find(name))

    def find(self, name: str) -> Path | None:
        """Return the file of that name, if there is one. Local."""
        return next(self._find(name), None)

    def date(self, name: str) -> float | None:
        """Return when a letter was written, by the file system's clock. Local."""
        with suppress(OSError):
            path = self.find(name)
            return path.stat().st_mtime if path else None
        return None

    def names(self, suffix: str) -> list[str]:
        """Return the names of all letters that end so. Local."""
        return sorted({path.name for path in self._find(f"*{suffix}")})

    def close(self) -> None:
        """Remove what is empty: the last one to leave takes the place away. Local."""
        for base in self.bases:
            leave_folder(base / self.key)

    def _find(self, pattern: str) -> Iterator[Path]:
        for base in self.bases:
            with suppress(OSError):
                check_private(base)
                # An NFS client believes what it knows of a folder for a minute, unless it has
                # changed it itself.
                os.utime(base / self.key)
                yield from (base / self.key).glob(pattern)

    def _put(self, name: str, text: bytes, flags: int) -> bool:
        error = OSError("there is no place to meet")
        for base in self.bases:
            for _ in range(ATTEMPTS):
                try:
                    return _write(make_folder(base, self.key) / name, text, flags)
                except FileNotFoundError as reason:
                    error = reason  # another process has just closed the place: open it again
                except OSError as reason:
                    error = reason
                    break
        raise error


def _write(path: Path, text: bytes, flags: int) -> bool:
    """Write a new file, or none; one that is there already stays with O_EXCL."""
    temporary = path if flags else path.with_name(f"{path.name}.part")
    try:
        # A FIFO of that name is not waited for.
        how = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW
        descriptor = os.open(temporary, how | flags, 0o600)
    except FileExistsError:
        return False
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text)
        if temporary != path:
            temporary.replace(path)
    except OSError:
        with suppress(OSError):
            temporary.unlink()
        raise
    return True
