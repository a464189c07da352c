"""A new file beside an old one, which it replaces once it is whole. No MPI: one rank calls it."""

import errno
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from hpcpy_core.errors import InputError
from hpcpy_core.files.kind import name_kind
from hpcpy_core.files.target import Target, examine, keep_attributes
from hpcpy_mpiio.failing import failing
from hpcpy_mpiio.room import require_room
from hpcpy_mpiio.temporary import name_temporary, sweep_once

__all__ = ["CURE", "Replacement", "StrOrBytesPath", "as_path", "fsync", "start_replacement"]

CURE = "check free space and quota"

StrOrBytesPath = str | bytes | os.PathLike[str] | os.PathLike[bytes]


@dataclass(frozen=True, kw_only=True)
class Replacement:
    """A temporary file and the name that it will have."""

    target: Path
    temporary: Path
    old: Target
    """What was at `target`: the new file keeps its mode, group and access list."""

    def publish(self) -> None:
        """Give the temporary, which is on the disk, its name; the old file is gone then.

        Raises
        ------
        FileError
            If the disk or the folder refuses.
        """
        with failing(f"write {self.target}", CURE):
            keep_attributes(self.old, self.temporary)
            self.temporary.replace(self.target)
        with failing(f"secure the name of {self.target}", "it is whole; copy it elsewhere"):
            fsync(self.target.parent)  # the new name, too, must survive a power cut

    def discard(self) -> None:
        """Remove the temporary, if it is there."""
        with suppress(OSError):  # called on the way out with an error that matters more
            self.temporary.unlink(missing_ok=True)


def start_replacement(
    path: StrOrBytesPath, head: bytes, *, overwrite: bool, needed: int | None = None
) -> Replacement:
    """Create the temporary in the folder of `path`, holding `head`.

    A symbolic link is followed, as `numpy.save` does. The permissions of a file that is
    replaced are kept; those of a new one are what the umask leaves. What killed jobs left
    in the folder is removed first.

    Parameters
    ----------
    path
        Of the file.
    head
        Its first bytes.
    overwrite
        Whether an existing one may be replaced.
    needed
        Bytes that it will have, if it is to be seen that they fit; an old file stays until
        the new one is whole.

    Raises
    ------
    InputError
        If `path` cannot be a new file, exists and `overwrite` is False, may not be written, or
        the file does not fit.
    FileError
        If the folder refuses the temporary.
    """
    path = as_path(path)
    with failing(f"create {path}", "check free space and your rights in its folder"):
        target = Path(os.path.realpath(path))
        old = _check_target(path, target, overwrite=overwrite)
        if needed is not None:
            require_room(
                target.parent, needed, str(target), "free some, or insist with check_room=False"
            )
        sweep_once(target.parent)
        temporary = target.with_name(name_temporary(target.name))
        replacement = Replacement(target=target, temporary=temporary, old=old)
        # Exclusive: a file or link that somebody planted under this name is an error. And what
        # will replace a file is not to be read by more users than that one, not for a moment.
        mode = 0o600 if old.kind == "regular" else 0o666
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        descriptor = os.open(temporary, flags, mode)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(head)
        except BaseException:
            replacement.discard()
            raise
    return replacement


def as_path(path: StrOrBytesPath) -> Path:
    """Return a path that the caller gave in any of Python's ways. Local.

    Raises
    ------
    InputError
        If it is none.
    """
    try:
        name = os.fsdecode(path)
    except TypeError:
        raise InputError(f"{path!r} is no path: give a str, bytes or pathlib.Path") from None
    if "\0" in name or not name:
        raise InputError(f"{name!r} cannot name a file: give a path")
    return Path(name)


def _check_target(path: Path, target: Path, *, overwrite: bool) -> Target:
    folder = target.parent
    if target.exists() and not target.is_file():
        raise InputError(
            f"{target} is not a regular file ({name_kind(target.stat().st_mode)}): the ranks write "
            "each at its own place, which only a file has; give the path of one"
        )
    if target.exists() and not overwrite:
        raise InputError(f"{target} exists: pass overwrite=True, or choose another name")
    if not folder.is_dir():
        raise InputError(f"{target} cannot be written: create the folder {folder} first")
    if not os.access(folder, os.W_OK | os.X_OK, effective_ids=True):
        raise InputError(f"{target} cannot be written: you may not write to the folder {folder}")
    try:
        return examine(path)
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ETXTBSY):
            raise
        raise InputError(f"{target} cannot be written: {error.strerror}") from error


def fsync(path: Path) -> None:
    """Bring a file, or the names in a folder, to the disk. Local."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
