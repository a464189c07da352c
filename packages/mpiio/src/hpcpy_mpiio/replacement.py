"""A new file beside an old one, which it replaces once it is whole. No MPI: one rank calls it."""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from hpcpy_core.errors import InputError
from hpcpy_mpiio.failing import failing
from hpcpy_mpiio.temporary import name_temporary, sweep_once

__all__ = ["CURE", "Replacement", "fsync", "start_replacement"]

CURE = "check free space and quota"


@dataclass(frozen=True, kw_only=True)
class Replacement:
    """A temporary file and the name that it will have."""

    target: Path
    temporary: Path

    def publish(self) -> None:
        """Give the temporary, which is on the disk, its name; the old file is gone then.

        Raises
        ------
        FileError
            If the disk or the folder refuses.
        """
        with failing(f"write {self.target}", CURE):
            self.temporary.replace(self.target)
        with failing(f"secure the name of {self.target}", "it is whole; copy it elsewhere"):
            fsync(self.target.parent)  # the new name, too, must survive a power cut

    def discard(self) -> None:
        """Remove the temporary, if it is there."""
        with suppress(OSError):  # called on the way out with an error that matters more
            self.temporary.unlink(missing_ok=True)


def start_replacement(path: Path, head: bytes, *, overwrite: bool) -> Replacement:
    """Create the temporary in the folder of `path`, holding `head`.

    A symbolic link is followed, as `numpy.save` does. The file's permissions are
    those that the umask leaves. What killed jobs left in the folder is removed first.

    Raises
    ------
    InputError
        If `path` cannot be a new file, or exists and `overwrite` is False.
    FileError
        If the folder refuses the temporary.
    """
    with failing(f"create {path}", "check free space and your rights in its folder"):
        target = Path(os.path.realpath(path))
        _check_target(target, overwrite=overwrite)
        sweep_once(target.parent)
        temporary = target.with_name(name_temporary(target.name))
        replacement = Replacement(target=target, temporary=temporary)
        # Exclusive: a file or link that somebody planted under this name is an error.
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(head)
        except BaseException:
            replacement.discard()
            raise
    return replacement


def _check_target(target: Path, *, overwrite: bool) -> None:
    folder = target.parent
    if target.exists() and not target.is_file():
        raise InputError(f"{target} is not a regular file: give the path of a file, not a folder")
    if target.exists() and not overwrite:
        raise InputError(f"{target} exists: pass overwrite=True, or choose another name")
    if not folder.is_dir():
        raise InputError(f"{target} cannot be written: create the folder {folder} first")
    if not os.access(folder, os.W_OK | os.X_OK, effective_ids=True):
        raise InputError(f"{target} cannot be written: you may not write to the folder {folder}")


def fsync(path: Path) -> None:
    """Bring a file, or the names in a folder, to the disk. Local."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
