"""Open what users name as an input, and never wait for it. No MPI.

A FIFO without a writer would be waited for, for ever; a device is read without an end.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from hpcpy_core.files.kind import name_kind

__all__ = ["NotRegularError", "open_regular", "read_bounded"]


class NotRegularError(OSError):
    """What should be read is no regular file."""


@contextmanager
def open_regular(path: str | Path) -> Iterator[BinaryIO]:
    """Open a regular file for reading, in binary. Local.

    Links are followed.

    Raises
    ------
    NotRegularError
        For a directory, a FIFO, a device or a socket; its strerror names which.
    OSError
        If the file cannot be opened.
    """
    if "\0" in str(path):
        raise OSError(errno.EINVAL, "a null byte is in the name", str(path))
    # Looked at before it is opened: whoever writes to a FIFO would notice a reader that leaves.
    _require_regular(path, os.stat(path).st_mode)  # noqa: PTH116 - a str may be given
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    with os.fdopen(descriptor, "rb") as file:
        _require_regular(path, os.fstat(descriptor).st_mode)  # it may be another one by now
        yield file


def read_bounded(path: str | Path, most: int) -> bytes:
    """Return what is in a regular file of at most `most` bytes. Local.

    Raises
    ------
    NotRegularError
        As for `open_regular`.
    OSError
        If it cannot be read, or is larger.
    """
    with open_regular(path) as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"larger than {most} B", str(path))
    return content


def _require_regular(path: str | Path, mode: int) -> None:
    if not stat.S_ISREG(mode):
        raise NotRegularError(errno.EINVAL, f"not a regular file ({name_kind(mode)})", str(path))
