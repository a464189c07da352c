"""Caches that nobody else can put anything into. Starts no MPI.

What is cached is run (libraries, machine code) or believed (verdicts). So every folder from
``hpcpy`` down to the one that is used must be this user's and writable by nobody else, and so
must each file. Otherwise another place is taken, which is made anew, and a note says why.
"""

import atexit
import os
import shutil
import stat
import sys
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import gettempdir, mkdtemp

from hpcpy_core.errors import FileError
from hpcpy_core.launch import read_announcement

__all__ = [
    *("PrivateFolder", "folder_below", "is_trusted", "make_way", "private_folder", "say_once"),
    "temporary_folder",
]

OTHERS_WRITE = 0o022


@dataclass(frozen=True, kw_only=True)
class PrivateFolder:
    """A folder that is there, and is this user's alone.

    Parameters
    ----------
    path
        Of the folder.
    note
        Why it is another one than that of the user's cache, and what mends it; None if it
        is that one.
    """

    path: Path
    note: str | None = None


def private_folder(*names: str) -> PrivateFolder:
    """Return ``hpcpy/NAME/...`` in the user's cache, or elsewhere. Local.

    It is made, with mode 0700, if it is not there. Where the cache cannot be trusted or made
    (no home, read-only, full, of somebody else), the folder is below the one for temporary
    files: one for each user if that can be trusted, else one that is gone when this process
    ends.

    Raises
    ------
    FileError
        If there is no place for temporary files either.
    """
    try:
        return PrivateFolder(path=_make_below(_find_root(), ("hpcpy", *names)))
    except OSError as error:
        return temporary_folder(*names, reason=str(error))


def temporary_folder(*names: str, reason: str) -> PrivateFolder:
    """Return a private folder where temporary files go, because of what is told. Local.

    Parameters
    ----------
    names
        As for `private_folder`.
    reason
        Why it is not in the user's cache.

    Raises
    ------
    FileError
        If there is no place for temporary files.
    """
    try:
        path = _make_below(Path(gettempdir()), (f"hpcpy-{os.geteuid()}", *names))
    except OSError:
        try:
            path = _make_below(_make_passing(), names)
        except OSError as error:
            raise FileError(f"there is no place for a cache: {reason}, and {error}") from error
    note = f"cache in {path}, since {reason}; name a folder of your own in XDG_CACHE_HOME"
    return PrivateFolder(path=path, note=note)


def folder_below(root: Path, *names: str) -> Path:
    """Return a private folder in a place that the user has named, made if need be. Local.

    Raises
    ------
    OSError
        If it cannot be made, or another user could put something into it; the text says why.
    """
    return _make_below(_prepare(root), names)


def is_trusted(path: Path) -> bool:
    """Say whether a file, in a folder of `private_folder`, may be believed and run. Local.

    It is a regular file of this user or of root, that nobody else may write.
    """
    try:
        status = path.lstat()
    except OSError:
        return False
    whose = status.st_uid in (os.geteuid(), 0)
    return stat.S_ISREG(status.st_mode) and whose and not status.st_mode & OTHERS_WRITE


def make_way(path: Path) -> None:
    """Remove from a private folder what is not to be trusted, and so not to be replaced. Local."""
    if not is_trusted(path):
        with suppress(OSError):
            path.unlink()


@cache  # once in a process
def say_once(note: str | None) -> None:
    """Print a note on standard error, once in a job: not on ranks other than 0. Local."""
    announced = read_announcement()
    if note is not None and (announced is None or announced.rank == 0):
        sys.stderr.write(f"note: {note}\n")


def _find_root() -> Path:
    """Return the cache of all of this user's programs, made if need be."""
    named = os.environ.get("XDG_CACHE_HOME")
    if named:
        return _prepare(Path(named))
    try:
        home = Path.home()
    except RuntimeError:
        raise OSError("this user has no home") from None
    if not home.is_dir():  # root could make it, and /nonexistent would exist from then on
        raise OSError(f"this user's home, {home}, is not there")
    return _prepare(home / ".cache")


def _prepare(root: Path) -> Path:
    """Return a folder that is there, behind links, and in which names cannot be exchanged."""
    if "\0" in str(root):  # a variable cannot have one
        raise OSError("a null byte is in the name")
    try:
        root = root.absolute()
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        root = Path(os.path.realpath(root))
        _check_above(root)
    except OSError as error:
        if error.errno is None:
            raise
        raise OSError(f"{root} cannot be made: {error.strerror}") from error
    return root


def _check_above(root: Path) -> None:
    """Refuse a place where another user could exchange the folder below it."""
    for folder in (root, *root.parents):
        status = folder.stat()
        if status.st_mode & stat.S_IWOTH and not status.st_mode & stat.S_ISVTX:
            raise OSError(f"everybody may write to {folder} (chmod o-w mends it)")
    if root.stat().st_uid not in (os.geteuid(), 0):
        raise OSError(f"{root} is another user's (uid {root.stat().st_uid})")


def _make_below(root: Path, names: tuple[str, ...]) -> Path:
    """Make the folders that are not there, each this user's alone; return the last."""
    path = root
    for name in names:
        path = path / name
        try:
            path.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise OSError(f"{path} cannot be made: {error.strerror}") from error
        _check_own(path)
    if not os.access(path, os.W_OK | os.X_OK, effective_ids=True):
        raise OSError(f"you may not write to {path}")
    return path


def _check_own(path: Path) -> None:
    status = path.lstat()
    if not stat.S_ISDIR(status.st_mode):
        raise OSError(f"{path} is not a directory")
    if status.st_uid != os.geteuid():
        raise OSError(f"{path} is another user's (uid {status.st_uid})")
    if status.st_mode & OTHERS_WRITE:
        raise OSError(f"others may write to {path} (chmod go-w mends it, once it is emptied)")


@cache
def _make_passing() -> Path:
    """Make a folder that is gone when this process ends."""
    path = Path(mkdtemp(prefix="hpcpy-"))
    atexit.register(_remove, path, os.getpid())
    return path


def _remove(path: Path, owner: int) -> None:
    if os.getpid() == owner:  # a child that was forked leaves it
        shutil.rmtree(path, ignore_errors=True)
