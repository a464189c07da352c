"""The generations of a checkpoint: directories ``ckpt-<step>``, whole or not there. No MPI.

A new generation is written as ``ckpt-<step>.tmp`` and renamed when it is on disk. One of
the same step, if there is any, is ``ckpt-<step>.old`` in between: it counts while there
is no ``ckpt-<step>``, so that there is a whole one at every moment.
"""

import os
import re
import shutil
from contextlib import suppress
from pathlib import Path

from hpcpy_mpiio.failing import failing

__all__ = [
    "discard_generation",
    "list_generations",
    "publish_generation",
    "read_step",
    "remove_generations",
    "start_generation",
]

NAME = re.compile(r"ckpt-(\d{1,18})(\.old)?", re.ASCII)
RIGHTS = "check your rights there"


def read_step(generation: Path) -> int:
    """Return the step that a generation's name tells."""
    match = NAME.fullmatch(generation.name)
    if match is None:
        raise ValueError(f"{generation} is no checkpoint")
    return int(match[1])


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


def start_generation(directory: Path, step: int) -> Path:
    """Sweep what killed jobs left, and make ``ckpt-<step>.tmp``, empty."""
    with failing(f"create a checkpoint in {directory}", f"check free space and {RIGHTS}"):
        directory.mkdir(parents=True, exist_ok=True)
        _sweep(directory)
        temporary = directory / f"ckpt-{step:09d}.tmp"
        temporary.mkdir()
    return temporary


def publish_generation(temporary: Path) -> Path:
    """Bring a whole ``ckpt-<step>.tmp`` to disk and give it its name."""
    final, displaced = temporary.with_suffix(""), temporary.with_suffix(".old")
    with failing(f"write {final}", "check free space and quota"):
        _fsync(temporary)
        if os.path.lexists(final):
            # A directory cannot be renamed over one that is not empty.
            final.rename(displaced)
        try:
            temporary.rename(final)
        except OSError:
            with suppress(OSError):
                displaced.rename(final)
            raise
        _fsync(final.parent)  # the new name, too, must survive a power cut
        _remove(displaced)
    return final


def discard_generation(temporary: Path) -> None:
    """Remove a ``ckpt-<step>.tmp`` on the way out with an error that matters more."""
    shutil.rmtree(temporary, ignore_errors=True)


def remove_generations(directory: Path, *, newest: int, keep: int) -> None:
    """Remove all generations but the `keep` last ones up to the step `newest`.

    Later ones are the future that a restart has left: it could not read them.
    """
    with failing(f"remove old checkpoints from {directory}", RIGHTS):
        kept = 0
        for generation in list_generations(directory):
            if read_step(generation) <= newest and kept < keep:
                kept += 1
            else:
                doomed = generation.with_suffix(".tmp")  # whole or swept, never half there
                generation.rename(doomed)
                _remove(doomed)


def _sweep(directory: Path) -> None:
    for path in directory.glob("ckpt-*.tmp"):
        _remove(path)
    for path in directory.glob("ckpt-*.old"):
        if os.path.lexists(path.with_suffix("")):
            _remove(path)
        else:
            path.rename(path.with_suffix(""))


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)  # of a planted link, what it points to stays


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
