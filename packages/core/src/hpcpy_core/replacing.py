"""Write a file as a whole or not at all, or into a device or a pipe."""

import errno
import os
import secrets
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

from hpcpy_core.errors import FileError
from hpcpy_core.files.target import Target, examine, keep_attributes, resolve_target

__all__ = ["find_obstacle", "name_beside", "replacing"]

READER_SECONDS = 10.0
"""So long a pipe's reader is waited for."""


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary file, and put what it holds at `path` in the end. Local.

    A regular file is replaced as a whole: the new one is on disk before it takes the name, and
    after any error the temporary is gone and the older file is still there. It keeps mode, group
    and access list, where the system lets; those of a file that was not there follow the umask.
    A symbolic link is followed. A device, a pipe or an open descriptor is written to at the end.

    Raises
    ------
    FileError
        Before the block, if `path` may not be written (see `hpcpy_core.files.target`) or its
        folder takes no new file; after it, if writing fails.
    """
    target = resolve_target(path)
    temporary: Path | None = None
    try:
        temporary = _make_temporary(target)
        yield temporary
        if target.kind == "special":
            _pour(temporary, target)
        else:
            with temporary.open("rb") as file:
                os.fsync(file.fileno())
            keep_attributes(target, temporary)
            temporary.replace(target.path)
    except OSError as error:
        raise FileError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        if temporary is not None:
            _discard(temporary, target)


def find_obstacle(path: Path) -> str | None:
    """Return why `replacing` would refuse `path`, or None; nothing is changed. Local."""
    try:
        target = examine(path)
    except OSError as error:
        return error.strerror or str(error)
    try:
        _discard(_make_temporary(target), target)
    except OSError as error:
        return f"{target.path.parent}: {error.strerror or error}"
    return None


def name_beside(path: Path) -> Path:
    """Return a new name in the folder of `path`, that nobody can foresee. Local.

    It begins as that of `path`, as far as 255 bytes allow, the most of most file systems.
    """
    begin = os.fsdecode(os.fsencode(path.name)[:200])
    return path.with_name(f".{begin}.{secrets.token_hex(8)}.tmp")


def _make_temporary(target: Target) -> Path:
    """Make an empty file: beside a file that it will replace, else where temporaries go."""
    if target.kind == "special":
        path, mode = Path(mkdtemp(prefix="hpcpy-"), "output"), 0o600
    else:
        # What replaces a file must not be read by more users than that one, not for a moment.
        path, mode = name_beside(target.path), 0o600 if target.kind == "regular" else 0o666
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode))
    return path


def _discard(temporary: Path, target: Target) -> None:
    with suppress(OSError):  # an error that is on its way matters more
        temporary.unlink(missing_ok=True)
    if target.kind == "special":
        shutil.rmtree(temporary.parent, ignore_errors=True)


def _pour(temporary: Path, target: Target) -> None:
    """Write what a file holds into a device, a pipe or an open descriptor."""
    sys.stdout.flush()  # it may be the same place
    with temporary.open("rb") as source, os.fdopen(_open_special(target), "wb") as sink:
        shutil.copyfileobj(source, sink)


def _open_special(target: Target) -> int:
    """Open what is written to; what an open descriptor leads to is written where that one stands.

    Raises
    ------
    OSError
        Also if nobody reads a FIFO: it would be waited for, for ever.
    """
    if target.descriptor is not None:
        return os.dup(target.descriptor)
    flags = os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
    end = time.monotonic() + READER_SECONDS
    while True:
        try:
            opened = os.open(target.path, flags)
            break
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
            if time.monotonic() > end:
                raise OSError(errno.ENXIO, "no process reads from this pipe") from error
            time.sleep(0.02)
    os.set_blocking(opened, True)
    return opened
