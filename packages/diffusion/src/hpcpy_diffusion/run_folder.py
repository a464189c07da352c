"""The directory of a run, in which an earlier run stays until the new one is whole. No MPI.

A run that replaces another one writes into ``.hpcpy-new`` inside the directory. When it is
whole, the earlier run's files go, and its own take their place: at no moment are files of both
beside each other, and what was killed in between is finished by the next command. A record of
the parameters stands beside what is not finished; and only files of our names are touched.
"""

import errno
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from hpcpy_core.errors import FileError, InputError
from hpcpy_core.files.regular import read_bounded
from hpcpy_core.files.target import Target, keep_attributes, resolve_target
from hpcpy_core.replacing import replacing
from hpcpy_mpiio.checkpoints.generations import list_generations, set_aside
from hpcpy_mpiio.checkpoints.prune_generations import clear_generations

__all__ = ["NEW", "RECORD", "RunFolder", "find_existing", "require_writable"]

NEW = ".hpcpy-new"
RECORD = ".hpcpy-run.json"
LARGEST_RECORD = 1 << 20

FRAMES = re.compile(r"step-\d{9,15}\.npy", re.ASCII)
FIGURES = re.compile(r"(field|density)\.png|animation\.gif|(field|frames)\.xdmf")
LAST = ("report.json", "field.npy")
"""They tell that a run has come to its end: they go first, and come last."""


class RunFolder:
    """A directory that holds a run, its checkpoints in ``checkpoints``; or only checkpoints.

    All methods are local: one rank calls them, which holds the directory.

    Parameters
    ----------
    directory
        It need not be there.
    checkpoints_only
        Whether the generations of checkpoints lie in it, and nothing else.
    """

    def __init__(self, directory: Path, *, checkpoints_only: bool = False) -> None:
        self.directory, self._bare = directory, checkpoints_only
        self.staging = directory / NEW
        self._places = ("",) if checkpoints_only else ("checkpoints",)

    def list_files(self, root: Path | None = None) -> list[Path]:
        """Return the files of a run, without its checkpoints: the one that ends it first."""
        root = self.directory if root is None else root
        if self._bare:
            return []
        ends = [root / name for name in reversed(LAST)]
        here = [*ends, *_matching(root, FIGURES), *_matching(root / "frames", FRAMES)]
        return [path for path in here if os.path.lexists(path) and not _is_folder(path)]

    def list_checkpoints(self, root: Path | None = None) -> list[Path]:
        """Return the generations of checkpoints, the newest first."""
        root = self.directory if root is None else root
        return [each for place in self._places for each in list_generations(root / place)]

    def read_record(self, root: Path) -> dict[str, Any] | None:
        """Return what an unfinished run says of itself, None where there is none."""
        try:
            record = json.loads(read_bounded(root / RECORD, LARGEST_RECORD))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError, RecursionError) as error:
            reason = getattr(error, "strerror", None) or error
            raise InputError(f"{root / RECORD} cannot be read: {reason}") from error
        if not isinstance(record, dict) or not isinstance(record.get("parameters"), dict):
            raise InputError(f"{root / RECORD} is not of hpcpy: move it")
        return record

    def read_parameters(self, root: Path) -> dict[str, Any] | None:
        """Return the parameters of the run there, finished or not; None where nothing tells."""
        record = self.read_record(root)
        if record is not None:
            return dict(record["parameters"])
        try:
            report = json.loads((root / "report.json").read_bytes())
            return dict(report["parameters"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None

    def find_unfinished(self) -> Path | None:
        """Return where a run lies that has not come to its end and has said what it is."""
        for root in (self.staging, self.directory):
            if self.read_record(root) is not None:
                return root
        return None

    def require_regular(self) -> None:
        """See that every file of an earlier run may be replaced, if it comes to that.

        Raises
        ------
        InputError
            If one is protected, or is a device or a pipe.
        """
        for path in self.list_files():
            try:
                kind = resolve_target(path).kind
            except FileError as error:
                raise InputError(f"{error}; or give another --output") from error
            if kind == "special":
                raise InputError(f"{path} is not a regular file: move it, or give another --output")

    def make(self) -> None:
        """Make the directory, with those above it.

        Raises
        ------
        InputError
            If it cannot be made.
        """
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"{self.directory} cannot be made: {_reason(error)}") from error

    def require_empty(self) -> None:
        """See that no other job was faster, where there was no directory a moment ago.

        Raises
        ------
        InputError
            If there is a run.
        """
        if self.list_files() or self.list_checkpoints() or self.find_unfinished():
            raise InputError(
                f"{self.directory}: another job has written there since this one has started: "
                "give every job a directory of its own"
            )

    def begin(self, root: Path, parameters: Mapping[str, Any], *, continued: bool) -> None:
        """Make the place of a run: the directory, or its `staging`, swept unless `continued`.

        Raises
        ------
        InputError
            If it cannot be made.
        """
        try:
            if root == self.staging:
                if self.read_record(root) is not None:
                    if not continued:
                        self.discard()
                elif _is_folder(root) and any(root.iterdir()):
                    raise InputError(f"{root} is in the way, and not of hpcpy: move it")
            # What replaces a protected file is not to be read by others meanwhile.
            root.mkdir(0o700 if root == self.staging else 0o777, parents=True, exist_ok=True)
            if root == self.staging or not self._bare:
                self._write_record(root, "running", parameters)
        except OSError as error:
            if isinstance(error, InputError):
                raise
            raise InputError(f"output {root} cannot be written: {_reason(error)}") from error

    def mark_whole(self, root: Path) -> None:
        """Note that the run in `root` is whole, before `finish`."""
        record = self.read_record(root)
        if root == self.staging and record is not None:
            self._write_record(root, "whole", record["parameters"])

    def finish(self, root: Path) -> None:
        """Let the whole run in `root` be that of the directory.

        Raises
        ------
        FileError
            If the system refuses; the next command in this directory tries again.
        """
        try:
            if root == self.staging:
                self._swap()
            (root / RECORD).unlink(missing_ok=True)
            if root == self.staging:
                _remove_folders(root)
        except OSError as error:
            place = f": the new run is whole in {root}" if root == self.staging else ""
            raise FileError(f"cannot write {self.directory}: {_reason(error)}{place}") from error

    def remove(self, paths: Iterable[Path]) -> None:
        """Remove some files of the run.

        Raises
        ------
        FileError
            If the system refuses.
        """
        try:
            for path in paths:
                path.unlink(missing_ok=True)
        except OSError as error:
            raise FileError(f"cannot write {self.directory}: {_reason(error)}") from error

    def recover(self) -> None:
        """Finish what a job was killed in: a whole run takes its place."""
        record = self.read_record(self.staging)
        if record is not None and record.get("state") in ("whole", "moving"):
            self.finish(self.staging)

    def discard(self) -> None:
        """Remove an unfinished run in `staging`: what has our names."""
        self._remove(self.staging)
        (self.staging / RECORD).unlink(missing_ok=True)
        _remove_folders(self.staging)

    def _swap(self) -> None:
        record = self.read_record(self.staging)
        if record is None:
            return
        if record.get("state") != "moving":
            for path in self.list_files(self.staging):
                self._inherit(path)
            self._remove(self.directory)
            self._write_record(self.staging, "moving", record["parameters"])
        for generation in reversed(self.list_checkpoints(self.staging)):
            set_aside(self.directory / generation.relative_to(self.staging))  # not of ours
            self._move(generation)
        for path in reversed(self.list_files(self.staging)):
            self._move(path)

    def _remove(self, root: Path) -> None:
        for path in self.list_files(root):
            self._unlink(path)
        for place in self._places:
            clear_generations(root / place)
        if root == self.directory:
            (root / RECORD).unlink(missing_ok=True)

    def _unlink(self, path: Path) -> None:
        """Remove a file; where a link is replaced, the file behind it, and the link stays."""
        if path.is_symlink() and (self.staging / path.relative_to(self.directory)).exists():
            path = Path(os.path.realpath(path))
        path.unlink(missing_ok=True)

    def _inherit(self, path: Path) -> None:
        """Give a staged file mode, group and access list of the one that it replaces."""
        old = self.directory / path.relative_to(self.staging)
        if old.is_file():
            keep_attributes(Target(path=Path(os.path.realpath(old)), kind="regular"), path)

    def _move(self, path: Path) -> None:
        target = self.directory / path.relative_to(self.staging)
        target.parent.mkdir(exist_ok=True)
        target = Path(os.path.realpath(target))  # links are followed
        try:
            path.rename(target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            _copy(path, target)  # `frames` or `checkpoints` may be on another file system

    def _write_record(self, root: Path, state: str, parameters: Mapping[str, Any]) -> None:
        record = {"schema": 1, "state": state, "parameters": dict(parameters)}
        with replacing(root / RECORD) as temporary:
            temporary.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def require_writable(directory: Path, what: str) -> None:
    """See that a directory can be made, or written where it is there. Local; leaves no trace.

    Raises
    ------
    InputError
        Names the reason.
    """
    try:
        existing = find_existing(directory)
        with TemporaryFile(dir=existing):
            pass
        if existing != directory and not os.access(existing, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except (OSError, ValueError) as error:
        raise InputError(f"{what} {directory} cannot be written: {_reason(error)}") from error


def find_existing(directory: Path) -> Path:
    """Return the directory, or the nearest one above it that is there. Local.

    Raises
    ------
    OSError
        If none can be made there: a file is in the way, a name is too long, or the working
        directory was removed.
    """
    if not directory.is_absolute():
        directory = Path.cwd() / directory
    for each in (directory, *directory.parents):
        try:
            status = os.stat(each)  # noqa: PTH116 - `Path.stat` is the same
        except FileNotFoundError:
            if os.path.islink(each):  # noqa: PTH114
                raise OSError(errno.ENOENT, f"the link {each} leads nowhere") from None
            continue
        if not _is_mode_folder(status.st_mode):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        return each
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))


def _is_mode_folder(mode: int) -> bool:
    return mode & 0o170000 == 0o040000


def _matching(folder: Path, names: re.Pattern[str]) -> Iterator[Path]:
    if _is_folder(folder):
        yield from sorted(path for path in folder.iterdir() if names.fullmatch(path.name))


def _is_folder(path: Path) -> bool:
    return path.is_dir()


def _copy(path: Path, target: Path) -> None:
    """Move across file systems, whole or not at all."""
    if path.is_dir():
        temporary = target.with_name(f"{target.name}.tmp")
        set_aside(temporary)  # half a copy, or not of ours
        shutil.copytree(path, temporary)
        temporary.rename(target)
        shutil.rmtree(path)
    else:
        with replacing(target) as copied:
            shutil.copyfile(path, copied)
            keep_attributes(Target(path=path, kind="regular"), copied)
        path.unlink()


def _remove_folders(root: Path) -> None:
    """Remove the empty folders of a staged run; whatever else is there stays."""
    for folder in (root / "frames", root / "checkpoints", root):
        with suppress(OSError):
            folder.rmdir()


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
