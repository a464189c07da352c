"""A new folder beside an old one, which it replaces once it is whole. No MPI: one rank calls it."""

import os
import shutil
import stat
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from hpcpy_core.errors import InputError
from hpcpy_mpiio.failing import failing
from hpcpy_mpiio.replacement import CURE, StrOrBytesPath, as_path, fsync
from hpcpy_mpiio.stores.exchange import exchange
from hpcpy_mpiio.temporary import name_temporary, sweep_once

__all__ = ["FolderReplacement", "start_folder_replacement"]


@dataclass(frozen=True, kw_only=True)
class FolderReplacement:
    """A temporary folder and the name that it will have."""

    target: Path
    temporary: Path

    def publish(self) -> None:
        """Put the names in it on disk and give it its own; an old folder is gone then.

        The files in it are on disk already: who wrote one calls fsync for it.

        Raises
        ------
        FileError
            If the disk or the folder refuses.
        """
        with failing(f"write {self.target}", CURE):
            for folder, _, _ in os.walk(self.temporary):
                fsync(Path(folder))
            if self.target.exists():
                _keep_rights(self.target, self.temporary)
                exchange(self.temporary, self.target)
            else:
                self.temporary.rename(self.target)
        with failing(f"secure the name of {self.target}", "it is whole; copy it elsewhere"):
            fsync(self.target.parent)
        self.discard()  # the old one, which has the temporary's name now

    def discard(self) -> None:
        """Remove the temporary, if it is there."""
        shutil.rmtree(self.temporary, ignore_errors=True)


def start_folder_replacement(
    path: StrOrBytesPath,
    marker: str,
    kind: str,
    *,
    overwrite: bool,
    refuse: Callable[[Path], None] = lambda folder: None,
) -> FolderReplacement:
    """Create an empty temporary folder beside `path`.

    Parameters
    ----------
    path
        A symbolic link is followed.
    marker
        A file that is in every folder of this kind: no other folder is replaced.
    kind
        What such a folder is, for the user.
    overwrite
        Whether a folder of this kind may be replaced.
    refuse
        Looks into a folder that would be replaced, and raises an `InputError` if there is
        something in it that must not be lost.

    Raises
    ------
    InputError
        If `path` cannot be a new folder, or exists and `overwrite` is False.
    FileError
        If the folder above refuses the temporary.
    """
    path = as_path(path)
    with failing(f"create {path}", "check free space and your rights in its folder"):
        target = Path(os.path.realpath(path))
        if target.exists() and not (target / marker).is_file():
            raise InputError(f"{target} is not a {kind}: it is never replaced; choose another name")
        if target.exists() and not overwrite:
            raise InputError(f"{target} exists: pass overwrite=True, or choose another name")
        above = target.parent
        if not above.is_dir():
            raise InputError(f"{target} cannot be written: create the folder {above} first")
        if not os.access(above, os.W_OK | os.X_OK, effective_ids=True):
            raise InputError(f"{target} cannot be written: you may not write to the folder {above}")
        replaces = target.exists()
        if replaces:
            if not os.access(target, os.W_OK | os.X_OK, effective_ids=True):
                raise InputError(f"{target} cannot be replaced: you may not write to it")
            refuse(target)
        sweep_once(above)
        temporary = target.with_name(name_temporary(target.name))
        temporary.mkdir(0o700 if replaces else 0o777)  # then that of the old one
    return FolderReplacement(target=target, temporary=temporary)


def _keep_rights(old: Path, new: Path) -> None:
    """Give a new folder group and mode of the old one, as far as the system lets. Local."""
    status = old.stat()
    mode = stat.S_IMODE(status.st_mode)
    if new.stat().st_gid != status.st_gid:
        try:
            os.chown(new, -1, status.st_gid)
        except OSError:
            mode &= ~0o070  # another group has no rights in it
    with suppress(OSError):
        new.chmod(mode)
