"""What is to be known of a file system, from its kind and the options that it is mounted with."""

import shlex
from collections.abc import Iterator

from hpcpy_doctor.finding import Finding
from hpcpy_doctor.looks import folder_kinds as kinds
from hpcpy_doctor.looks.folders import Folder

__all__ = ["judge_mount"]

MEMORY = ("tmpfs", "ramfs", "devtmpfs")
ONLY_LOCAL = {"nolock", "local_lock=all", "local_lock=posix", "localflock"}
"""Options of NFS and Lustre."""


def judge_mount(folder: Folder, safe: str, *, several_hosts: bool) -> Iterator[Finding]:
    """Yield what may surprise somebody who works there. Local; touches nothing there.

    Parameters
    ----------
    folder
        The working directory.
    safe
        Another folder, for a cure.
    several_hosts
        Whether the launch is on more than this one.
    """
    if folder.mount is None:
        return
    seen = f"{folder.name} is on {folder.kind}, {folder.mount.source}"
    in_user_space = folder.kind.startswith("fuse")
    if local := sorted(ONLY_LOCAL & folder.mount.options):
        seen_so = f"{seen}, mounted with {', '.join(local)}"
        yield kinds.LOCAL_LOCKS.found(seen_so, cure=_remount(folder))
    if several_hosts and not folder.is_on_network and not in_user_space:
        yield kinds.NOT_SHARED.found(seen, folder='"$SCRATCH"')
    elif folder.kind in MEMORY:
        yield kinds.IN_MEMORY.found(seen, folder=safe)
    elif folder.kind == "overlay":
        yield kinds.IN_CONTAINER.found(seen)
    elif in_user_space:
        yield kinds.ON_FUSE.found(seen, folder=safe)


def _remount(folder: Folder) -> str:
    place = shlex.quote(str(folder.mount.path if folder.mount else folder.name))
    option = "flock" if folder.kind == "lustre" else "local_lock=none"
    return f"sudo umount {place} && sudo mount -o {option} {place}"
