"""The generations of a checkpoint: directories ``ckpt-<step>``, whole or not there. No MPI.

A new generation is written as ``ckpt-<step>.tmp`` and renamed when it is on disk. One of
the same step, if there is any, is ``ckpt-<step>.old`` in between: it counts while there
is no ``ckpt-<step>``, so that there is a whole one at every moment.

The first file in each is ``metadata.json``, which says that it is ours and which fields it
will have. Nothing else is ever removed: not a directory without it, whatever its name, and
not a file that somebody has put into one of ours. What stands in the way is set aside as
``ckpt-<step>.kept``.
"""

import json
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from enum import Enum
from itertools import count
from pathlib import Path

from hpcpy_core.files.regular import NotRegularError, read_bounded
from hpcpy_mpiio.failing import failing
from hpcpy_mpiio.temporary import is_named_temporary

__all__ = [
    "METADATA",
    "Owner",
    "discard_generation",
    "find_owner",
    "list_generations",
    "publish_generation",
    "read_step",
    "remove_generation",
    "set_aside",
    "start_generation",
]

METADATA = "metadata.json"
LARGEST_METADATA = 1 << 26
NAME = re.compile(r"ckpt-(\d{1,18})(\.old)?", re.ASCII)
LEFT = re.compile(r"ckpt-\d{1,18}\.(tmp|old)", re.ASCII)
RIGHTS = "check your rights there"

# A part of either is enough: metadata may be damaged. No other program writes these words.
MARKS = (b'"hpcpy', b'"rows_per_slab"')
FIELD = re.compile(rb'"([A-Za-z0-9_][A-Za-z0-9_-]{0,99})":\s*\{\s*"shape"')


class Owner(Enum):
    """Whose a directory is, as far as can be read."""

    OURS = "it has our metadata"
    NOBODY = "it is empty, as one that was made a moment before its process died"
    OTHERS = "it has no metadata of ours"
    UNKNOWN = "it cannot be read for now"


def read_step(generation: Path) -> int:
    """Return the step that a generation's name tells."""
    match = NAME.fullmatch(generation.name)
    if match is None:
        raise ValueError(f"{generation} is no checkpoint")
    return int(match[1])


def find_owner(path: Path) -> Owner:
    """Say whose a directory is; a link is always somebody else's. Local."""
    try:
        if path.is_symlink() or not path.is_dir():
            return Owner.OTHERS
        names = os.listdir(path)  # noqa: PTH208 - names only
        if not names:
            return Owner.NOBODY
        content = read_bounded(path / METADATA, LARGEST_METADATA)
    except (FileNotFoundError, NotADirectoryError, NotRegularError):
        return Owner.OTHERS
    except OSError:
        return Owner.UNKNOWN
    if not content and names == [METADATA]:
        return Owner.NOBODY
    return Owner.OURS if any(mark in content for mark in MARKS) else Owner.OTHERS


def list_generations(directory: Path) -> list[Path]:
    """Return the generations in a directory, the newest first; none where it is missing."""
    with failing(f"read {directory}", RIGHTS):
        if not directory.exists():
            return []
        found = [path for path in directory.iterdir() if NAME.fullmatch(path.name)]
    names = {path.name for path in found}
    # One that was displaced counts as long as nothing has taken its place.
    whole = [path for path in found if path.suffix != ".old" or path.stem not in names]
    return sorted(whole, key=lambda path: (read_step(path), path.name), reverse=True)


def start_generation(directory: Path, step: int, fields: Iterable[str]) -> Path:
    """Sweep what killed jobs left, and make ``ckpt-<step>.tmp``, which says what it is."""
    with failing(f"create a checkpoint in {directory}", f"check free space and {RIGHTS}"):
        directory.mkdir(parents=True, exist_ok=True)
        _sweep(directory)
        temporary = directory / f"ckpt-{step:09d}.tmp"
        set_aside(temporary)
        temporary.mkdir()
        try:
            mark = {"hpcpy": "unfinished", "fields": {name: {"shape": None} for name in fields}}
            with (temporary / METADATA).open("x", encoding="utf-8") as stream:
                json.dump(mark, stream)
        except BaseException:
            discard_generation(temporary)
            raise
    return temporary


def publish_generation(temporary: Path) -> Path:
    """Bring a whole ``ckpt-<step>.tmp`` to disk and give it its name."""
    final, displaced = temporary.with_suffix(""), temporary.with_suffix(".old")
    with failing(f"write {final}", "check free space and quota"):
        _fsync(temporary)
        replaces = find_owner(final) is Owner.OURS
        if replaces:
            set_aside(displaced)
            # A directory cannot be renamed over one that is not empty.
            final.rename(displaced)
        else:
            set_aside(final)
        try:
            temporary.rename(final)
        except OSError:
            if replaces:
                with suppress(OSError):
                    displaced.rename(final)
            raise
        _fsync(final.parent)  # the new name, too, must survive a power cut
        if replaces:
            _remove(displaced)
    return final


def discard_generation(temporary: Path) -> None:
    """Remove a ``ckpt-<step>.tmp`` on the way out with an error that matters more."""
    with suppress(OSError):
        _remove(temporary)


def remove_generation(generation: Path) -> None:
    """Remove a generation that is ours; what others have put into it is set aside."""
    doomed = generation.with_suffix(".tmp")  # whole or swept, never half there
    set_aside(doomed)
    generation.rename(doomed)
    _remove(doomed)


def set_aside(path: Path) -> None:
    """Give what is at `path`, if anything, another name beside it, which ends in ``.kept``."""
    if not os.path.lexists(path):
        return
    step = path.name.split(".", 1)[0]
    names = (f"{step}.kept" + (f"-{number}" if number else "") for number in count())
    free = next(name for name in names if not os.path.lexists(path.with_name(name)))
    path.rename(path.with_name(free))


def _sweep(directory: Path) -> None:
    for path in [path for path in directory.iterdir() if LEFT.fullmatch(path.name)]:
        owner, final = find_owner(path), path.with_suffix("")
        if owner is Owner.NOBODY:
            _remove(path)
        elif owner is Owner.OURS:
            if path.suffix == ".tmp" or find_owner(final) is Owner.OURS:
                _remove(path)
            elif not os.path.lexists(final):
                path.rename(final)


def _remove(generation: Path) -> None:
    """Remove our files from a directory of ours, and it itself where that was all."""
    for path in _list_own(generation):
        path.unlink()
    # Last, since it tells that the others are ours.
    (generation / METADATA).unlink(missing_ok=True)
    try:
        generation.rmdir()
    except OSError:
        if not any(generation.iterdir()):
            raise
        set_aside(generation)


def _list_own(generation: Path) -> Iterator[Path]:
    """Iterate over the files that a job has written into a generation, but its metadata."""
    content = b""
    with suppress(FileNotFoundError):  # it was made a moment before its process died
        content = read_bounded(generation / METADATA, LARGEST_METADATA)
    own = {f"{name.decode()}.npy" for name in FIELD.findall(content)}
    for path in list(generation.iterdir()):
        ours = path.name in own or path.name == f"{METADATA}.new" or is_named_temporary(path.name)
        if ours and path.is_file() and not path.is_symlink():
            yield path


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
