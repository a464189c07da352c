"""The file systems that this process sees, and which one a path is on."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

__all__ = ["MOUNTS", "Mount", "find_mount", "list_mounts"]

MOUNTS = Path("/proc/self/mountinfo")

ESCAPES = ((r"\040", " "), (r"\011", "\t"), (r"\012", "\n"), (r"\134", "\\"))
"""What the kernel writes for characters that would end a word or a line."""


@dataclass(frozen=True, kw_only=True)
class Mount:
    """A line of ``/proc/self/mountinfo``.

    Attributes
    ----------
    path
        Where it is mounted.
    root
        The folder of the file system that is seen there.
    kind
        Of the file system: ``ext4``, ``nfs4``, ``lustre``, ``tmpfs``.
    source
        The device or the server's export.
    options
        Of the mount and of the file system, such as ``ro`` and ``local_lock=all``.
    """

    path: PurePosixPath
    root: PurePosixPath
    kind: str
    source: str
    options: frozenset[str]


def list_mounts(file: Path = MOUNTS) -> Iterator[Mount]:
    """Yield all that is mounted, the newest last. Local; nothing where the kernel does not tell."""
    try:
        lines = file.read_text(errors="replace").splitlines()
    except OSError:  # no Linux
        return
    for line in lines:
        before, _, after = line.partition(" - ")
        place, filesystem = before.split(), after.split()
        if len(place) < 6 or len(filesystem) < 2:
            continue
        own = filesystem[2] if len(filesystem) > 2 else ""
        yield Mount(
            path=PurePosixPath(_restore(place[4])),
            root=PurePosixPath(_restore(place[3])),
            kind=filesystem[0],
            source=_restore(filesystem[1]),
            options=frozenset([*place[5].split(","), *own.split(",")]),
        )


def find_mount(path: str, file: Path = MOUNTS) -> Mount | None:
    """Return what an absolute path without links is on, or None. Local; touches nothing there."""
    around = [
        mount for mount in list_mounts(file) if PurePosixPath(path).is_relative_to(mount.path)
    ]
    # Of two that are mounted at the same place the later one hides the other.
    return max(reversed(around), key=lambda mount: len(mount.path.parts), default=None)


def _restore(word: str) -> str:
    for escape, character in ESCAPES:
        word = word.replace(escape, character)
    return word
