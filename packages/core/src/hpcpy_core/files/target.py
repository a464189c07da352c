"""What stands where an output is to go, and whether it may: one rule for all outputs. No MPI.

A regular file is replaced as a whole; a symbolic link is followed, and stays; a character
device, a pipe, and what an open descriptor (``/dev/stdout``, ``/dev/fd/N``) leads to are
written to. Anything else is refused: a directory, a socket, a disk, a file that this user may
not write, and in a folder that everybody may write (``/tmp``) what another user has put there.
"""

import errno
import fcntl
import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hpcpy_core.errors import FileError
from hpcpy_core.files.kind import name_kind

__all__ = ["Target", "examine", "keep_attributes", "resolve_target"]

ACL = "system.posix_acl_access"
MOST_LINKS = 40


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where an output goes.

    Parameters
    ----------
    path
        Behind all links, where `kind` is not "special".
    kind
        Whether there is no file yet, one to replace, or something to write to.
    descriptor
        Of this process, if the path names one: what it leads to is written to.
    """

    path: Path
    kind: Literal["absent", "regular", "special"]
    descriptor: int | None = None


def resolve_target(path: str | Path) -> Target:
    """Return what stands at `path`, if it may be written. Local.

    Nothing is changed, and nothing is waited for. Whether the folder takes a new file is
    known only by trying.

    Raises
    ------
    FileError
        If it is a directory or something else that is refused (see above), or if there is no
        folder for it.
    """
    try:
        return examine(Path(path))
    except OSError as error:
        raise FileError(f"cannot write {path}: {error.strerror or error}") from error


def examine(path: Path) -> Target:
    """Like `resolve_target`, and raises an OSError whose strerror is the reason. Local."""
    if "\0" in str(path):
        raise OSError(errno.EINVAL, "a null byte is in the name")
    if not path.is_absolute():
        _require_working_directory()
    descriptor = _follow(path)
    if descriptor is not None:
        return _examine_descriptor(path, descriptor)
    try:
        status = path.stat()
    except FileNotFoundError:
        return Target(path=_find_place(path), kind="absent")
    except NotADirectoryError as error:
        raise OSError(error.errno, f"{path.parent}: {error.strerror}") from error
    if stat.S_ISDIR(status.st_mode):
        raise OSError(errno.EISDIR, "it is a directory: name a file in it")
    if stat.S_ISREG(status.st_mode):
        return _examine_regular(path, status)
    if not (stat.S_ISCHR(status.st_mode) or stat.S_ISFIFO(status.st_mode)):
        raise OSError(errno.EINVAL, f"it is {name_kind(status.st_mode)}")
    if not os.access(path, os.W_OK, effective_ids=True):
        raise OSError(errno.EACCES, _describe_mode(status))
    return Target(path=path, kind="special")


def keep_attributes(target: Target, temporary: Path) -> None:
    """Give a new file mode, group, access list and, as root, owner of the old one. Local.

    As far as the system lets; where the group cannot be kept, its rights become those of
    everybody, so that no other group gains any. Where there is no old file, nothing happens.

    Parameters
    ----------
    target
        From `resolve_target`.
    temporary
        Will replace it.

    Raises
    ------
    OSError
        If either file is gone.
    """
    if target.kind != "regular":
        return
    old, new = target.path.stat(), temporary.stat()
    mode = old.st_mode & 0o777
    if os.geteuid() == 0 and new.st_uid != old.st_uid:
        with suppress(OSError):
            os.chown(temporary, old.st_uid, -1)
    if new.st_gid != old.st_gid:
        with suppress(OSError):
            os.chown(temporary, -1, old.st_gid)
    kept = temporary.stat().st_gid == old.st_gid
    if not kept:
        mode &= ~0o070 | (mode & 0o007) << 3
    with suppress(OSError):  # the folder may have given it an access list that the old one lacks
        os.removexattr(temporary, ACL)
    with suppress(OSError):
        temporary.chmod(mode)
    if kept:
        with suppress(OSError):  # most file systems, and most files, have none
            os.setxattr(temporary, ACL, os.getxattr(target.path, ACL))


def _require_working_directory() -> None:
    try:
        Path.cwd()
    except FileNotFoundError:
        raise OSError(
            errno.ENOENT, "the working directory was removed: change to another (cd)"
        ) from None


def _follow(path: Path) -> int | None:
    """Return the descriptor of this process that a path names, behind links; refuse planted ones.

    The system itself refuses to follow a link that another user has left in /tmp, where it is
    told to (see proc_sys_fs(5)); whoever resolves links must do the same.
    """
    for _ in range(MOST_LINKS):
        folder = os.path.realpath(path.parent)
        if folder == os.path.realpath("/proc/self/fd") and path.name.isdecimal():
            return int(path.name)
        try:
            status = path.lstat()
        except OSError:  # said by who looks next
            return None
        if _is_planted(Path(folder), status):
            whose = f"{name_kind(status.st_mode)} of another user's (uid {status.st_uid})"
            raise OSError(errno.EACCES, f"{path} is {whose} in a folder that everybody may write")
        if not stat.S_ISLNK(status.st_mode):
            return None
        path = Path(folder) / path.readlink()
    return None


def _is_planted(folder: Path, status: os.stat_result) -> bool:
    """Say whether another user has put something into a folder like /tmp."""
    try:
        above = folder.stat()
    except OSError:
        return False
    everybodys = above.st_mode & stat.S_ISVTX and above.st_mode & stat.S_IWOTH
    return bool(everybodys) and status.st_uid not in (os.geteuid(), above.st_uid)


def _examine_descriptor(path: Path, descriptor: int) -> Target:
    try:
        status = os.fstat(descriptor)
        flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
    except OSError:
        raise OSError(
            errno.EBADF,
            f"descriptor {descriptor} is not open in this process, since launchers do not pass "
            "it on: name a file",
        ) from None
    if stat.S_ISDIR(status.st_mode):
        raise OSError(errno.EISDIR, "it is a directory: name a file in it")
    if flags & os.O_ACCMODE == os.O_RDONLY:
        raise OSError(errno.EBADF, f"descriptor {descriptor} is open for reading only")
    return Target(path=path, kind="special", descriptor=descriptor)


def _find_place(path: Path) -> Path:
    """Return where a new file goes: also where a link leads to nothing, as for `numpy.save`."""
    place = Path(os.path.realpath(path))
    try:
        is_folder = stat.S_ISDIR(place.parent.stat().st_mode)
    except OSError as error:
        raise OSError(error.errno, f"{place.parent}: {error.strerror}") from error
    if not is_folder:
        raise OSError(errno.ENOTDIR, f"{place.parent}: {os.strerror(errno.ENOTDIR)}")
    return place


def _examine_regular(path: Path, status: os.stat_result) -> Target:
    place = Path(os.path.realpath(path))
    if not _is_same(place, status):  # of /proc, to a file that has no name any more
        return Target(path=path, kind="special")
    try:
        # Opening tells more than os.access does: mounted for reading only, immutable.
        os.close(os.open(place, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW))
    except PermissionError as error:
        words = _describe_mode(status) if error.errno == errno.EACCES else error.strerror
        raise OSError(error.errno, words) from error
    return Target(path=place, kind="regular")


def _is_same(place: Path, status: os.stat_result) -> bool:
    try:
        found = place.stat()
    except OSError:
        return False
    return (found.st_dev, found.st_ino) == (status.st_dev, status.st_ino)


def _describe_mode(status: os.stat_result) -> str:
    mode = stat.S_IMODE(status.st_mode)
    return f"you may not write to it (mode {mode:o}, uid {status.st_uid}): Permission denied"
