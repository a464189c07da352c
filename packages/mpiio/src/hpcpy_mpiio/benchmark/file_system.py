"""Which file system a folder is on, and what that means for MPI-IO. No MPI.

Linux lists its mounts in /proc/self/mountinfo (proc_pid_mountinfo(5)).
"""

import fcntl
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

__all__ = ["FileSystem", "find_file_system", "note_on", "try_lock"]

MOUNTS = Path("/proc/self/mountinfo")

NOTES = {
    "nfs": "NFS: caches of clients are not coherent, so files that several nodes write can be "
    "wrong, and locking makes MPI-IO slow; use a parallel file system or a local disk",
    "tmpfs": "tmpfs is memory: these figures are no disk's",
    "overlay": "overlay is a container's layer: files go to its upper folder and vanish with the "
    "container; mount a folder of the host for data",
    "fuse": "a FUSE file system is a process: it may cache and reorder as it likes",
    "zfs": "ZFS keeps a cache of its own that cannot be dropped from here",
}


@dataclass(frozen=True, kw_only=True)
class FileSystem:
    """A mount: type, what is mounted where, and its options."""

    type: str
    source: str
    mount_point: str
    options: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the fields for a report."""
        return {**asdict(self), "options": list(self.options), "note": note_on(self)}


UNKNOWN = FileSystem(type="unknown", source="unknown", mount_point="unknown", options=())


def find_file_system(folder: Path, mounts: Path = MOUNTS) -> FileSystem:
    """Return the mount that a folder is on. Local.

    Parameters
    ----------
    folder
        An existing folder.
    mounts
        The kernel's list of mounts; where there is none, everything is "unknown".
    """
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return UNKNOWN
    place, found = folder.resolve(), UNKNOWN
    for line in lines:
        mount = _parse_mount(line)
        if mount is None or not place.is_relative_to(mount.mount_point):
            continue
        # A mount hides what was mounted before it, at the same place too.
        if found is UNKNOWN or len(mount.mount_point) >= len(found.mount_point):
            found = mount
    return found


def note_on(system: FileSystem) -> str:
    """Return what a user must know about a type of file system; empty if nothing."""
    kind = system.type
    if kind.startswith("nfs"):
        kind = "nfs"
    elif kind.startswith("fuse"):
        kind = "fuse"
    elif kind in {"ramfs", "devtmpfs"}:
        kind = "tmpfs"
    note = NOTES.get(kind, "")
    if {"nolock", "noflock", "localflock"} & set(system.options):
        note += "; " if note else ""
        note += "mounted without locks between nodes: MPI-IO from several nodes may corrupt data"
    return note


def try_lock(path: Path) -> str:
    """Try to lock a byte of a new file, as MPI-IO does; say "works" or why not. Local."""
    try:
        with path.open("xb") as stream:
            fcntl.lockf(stream, fcntl.LOCK_EX | fcntl.LOCK_NB, 1)
    except OSError as error:
        return f"refused: {error.strerror or error}"
    return "works"


def _parse_mount(line: str) -> FileSystem | None:
    """Read ``id parent dev root POINT OPTIONS [tags] - TYPE SOURCE OPTIONS``."""
    before, dash, after = line.partition(" - ")
    left, right = before.split(" "), after.split(" ")
    if not dash or len(left) < 6 or len(right) < 3:
        return None
    options = dict.fromkeys([*left[5].split(","), *right[2].split(",")])
    return FileSystem(
        type=right[0],
        source=_unescape(right[1]),
        mount_point=_unescape(left[4]),
        options=tuple(options),
    )


def _unescape(text: str) -> str:
    r"""Turn \040 into the space that it stands for."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), text)
