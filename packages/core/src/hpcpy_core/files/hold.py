"""Hold a directory for as long as a job lives. No MPI is started; `hold_together` uses it.

The system gives the lock back when the process that holds it ends, however it ends. The lock
is on a file in the directory, which says who holds it, and which is gone afterwards.
"""

import errno
import fcntl
import json
import os
import platform
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hpcpy_core.errors import FileError
from hpcpy_core.files.kind import name_kind

if TYPE_CHECKING:
    from mpi4py import MPI

__all__ = ["LOCK", "HeldError", "hold_directory", "hold_together"]

LOCK = ".hpcpy-lock"
MOST_NOTE = 4096


class HeldError(FileError):
    """Another process holds the directory: found before any work starts."""

    exit_code = 2


@contextmanager
def hold_together(path: Path, comm: "MPI.Intracomm") -> Iterator[None]:
    """Hold a directory as long as the block runs. Collective over comm: its rank 0 holds.

    Raises
    ------
    HeldError, FileError
        On every rank; see `hold_directory`.
    """
    from hpcpy_core.agreement import on_root  # it starts MPI

    with ExitStack() as held:
        with on_root(comm) as is_root:
            if is_root:
                held.enter_context(hold_directory(path))
        yield


@contextmanager
def hold_directory(path: Path) -> Iterator[None]:
    """Hold a directory as long as the block runs. Local: one rank of a job calls it.

    A file system that cannot lock is trusted, except that a holder in this system that
    lives is believed.

    Raises
    ------
    HeldError
        If another process holds it; names its host, number and since when.
    FileError
        If the directory takes no file.
    """
    try:
        descriptor, locks = _lock(path)
    except OSError as error:
        if isinstance(error, FileError):
            raise
        raise FileError(f"cannot lock {path}: {error.strerror or error}") from error
    try:
        with suppress(OSError):  # a full disk; the lock counts, not the note
            _note(descriptor)
        yield
    finally:
        if locks or _read(descriptor).get("process") == os.getpid():
            with suppress(OSError):
                (path / LOCK).unlink()
        os.close(descriptor)


def _lock(path: Path) -> tuple[int, bool]:
    """Return the locked file, and whether the file system locks."""
    while True:
        descriptor = _open(path / LOCK)
        try:
            locks = _try_lock(descriptor, path)
            if _is_there(descriptor, path / LOCK):
                return descriptor, locks
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # the one who held it has removed it just now


def _open(file: Path) -> int:
    flags = os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | flags, 0o666)
    except PermissionError:  # another user's; a lock needs no right to write on most systems
        descriptor = os.open(file, os.O_RDONLY | flags)
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, f"{file} is {name_kind(mode)}: remove it")
    return descriptor


def _try_lock(descriptor: int, path: Path) -> bool:
    """Lock or refuse; return False where the file system has no locks."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise _held(path, _read(descriptor)) from None
    except OSError:
        note = _read(descriptor)
        if note.get("host") == platform.node() and _lives(note.get("process"), note.get("start")):
            raise _held(path, note) from None
        return False
    return True


def _held(path: Path, note: dict[str, Any]) -> HeldError:
    who = "another process"
    if note:
        who = "process {process} on {host}, since {since}".format_map(note)
    return HeldError(
        f"{path} is in use by {who}: wait until it ends, or give every job a directory of its own"
    )


def _note(descriptor: int) -> None:
    note = {
        "process": os.getpid(),
        "start": _read_start(os.getpid()),
        "host": platform.node(),
        "since": datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC"),
    }
    content = json.dumps(note).encode() + b"\n"
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, content, 0)


def _read(descriptor: int) -> dict[str, Any]:
    """Return the note, empty where there is none that makes sense."""
    try:
        note = json.loads(os.pread(descriptor, MOST_NOTE, 0))
        known = {name: note[name] for name in ("process", "host", "since")}
        return {**known, "start": note.get("start")}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}


def _is_there(descriptor: int, file: Path) -> bool:
    try:
        named = file.lstat()
    except FileNotFoundError:
        return False
    own = os.fstat(descriptor)
    return (own.st_dev, own.st_ino) == (named.st_dev, named.st_ino)


def _lives(process: object, start: object) -> bool:
    """Say whether that process is there: not another one that got its number since."""
    if not isinstance(process, int):
        return False
    found = _read_start(process)
    return found is not None and start in (None, found)


def _read_start(process: int) -> str | None:
    """Return the system, and when a process started in it; None if it is not there."""
    try:
        # After the name, which is in parentheses and may contain anything: see proc(5).
        words = Path(f"/proc/{process}/stat").read_text(errors="replace").rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return None
    return None if words[0] in "ZX" else f"{boot} {words[19]}"
