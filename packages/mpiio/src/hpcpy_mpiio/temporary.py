"""Names of temporaries that tell whose they are, and the removal of those left behind. No MPI.

A job that is killed leaves its temporary. Whether a job still lives must be told
without a lock on the file: on NFS that lock would keep MPI-IO, which locks too,
waiting for ever, and on other parallel file systems locks end at the node. So the
name holds the process: the system that runs it, its number and when it started.
"""

import os
import re
import secrets
import shutil
import stat
import time
from contextlib import suppress
from functools import cache
from hashlib import blake2b
from pathlib import Path

__all__ = ["is_named_temporary", "is_stale", "name_temporary", "sweep", "sweep_once"]

NAME = re.compile(r"\..+\.([0-9a-f]{8})([0-9a-f]{8})([0-9a-f]{16})[0-9a-f]{8}\.tmp", re.DOTALL)
DAY_SECONDS = 86_400
STORE_MARKER = "zarr.json"


def name_temporary(name: str) -> str:
    """Return a new name for the temporary of the file `name`, in the same folder. Local.

    At most 255 bytes, the limit of most file systems.
    """
    return f".{name[:40]}.{_identify_process(os.getpid())}{secrets.token_hex(4)}.tmp"


def is_named_temporary(name: str) -> bool:
    """Say whether a name is one that `name_temporary` gives. Local."""
    return NAME.fullmatch(name) is not None


def is_stale(path: Path) -> bool:
    """Say whether a file or folder is the temporary of a process that is gone. Local.

    Of a process on another system, of which nothing can be known here, it takes a
    day without a change. A link is never stale, nor is anything with another name.
    """
    owner = NAME.fullmatch(path.name)
    if owner is None:
        return False
    status = path.lstat()
    if status.st_uid != os.geteuid():  # another user's; root, too, leaves it to them
        return False
    if not (stat.S_ISREG(status.st_mode) or _is_store(path, status)):
        return False
    system, process, started = owner.groups()
    if system != _identify_system():
        return time.time() - status.st_mtime > DAY_SECONDS
    return not _lives(int(process, 16), int(started, 16))


def sweep(folder: Path) -> None:
    """Remove the stale temporaries in a folder, as far as the system lets us. Local."""
    with suppress(OSError), os.scandir(folder) as entries:
        stale = [Path(entry.path) for entry in entries if NAME.fullmatch(entry.name)]
        for path in stale:
            with suppress(OSError):  # another job may sweep too
                if is_stale(path):
                    _remove(path)


def _is_store(path: Path, status: os.stat_result) -> bool:
    """Say whether a folder is one that this package began: empty, or with its first file."""
    if not stat.S_ISDIR(status.st_mode):
        return False
    return (path / STORE_MARKER).is_file() or not any(path.iterdir())


def _remove(path: Path) -> None:
    """Remove a file, or a folder with the file last by which it is known."""
    if not path.is_dir():
        path.unlink()
        return
    for inner in list(path.iterdir()):
        if inner.name != STORE_MARKER:
            shutil.rmtree(inner) if inner.is_dir() and not inner.is_symlink() else inner.unlink()
    (path / STORE_MARKER).unlink(missing_ok=True)
    path.rmdir()


@cache
def sweep_once(folder: Path) -> None:
    """Sweep a folder at this process's first save there: listing a large one takes long. Local."""
    sweep(folder)


def _lives(process: int, started: int) -> bool:
    """Say whether the process that started then is there."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return (_read_start(process) or 0) == started


def _read_start(process: int) -> int | None:
    """Return when a process started, in ticks since the system did; None if it is dead."""
    try:
        # After the name, which is in parentheses and may contain anything: see proc(5).
        fields = (
            Path(f"/proc/{process}/stat").read_text(errors="replace").rpartition(")")[2].split()
        )
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[19])


@cache  # by number: a child that was forked is another process
def _identify_process(process: int) -> str:
    """Return 32 hexadecimal digits for this process."""
    return f"{_identify_system()}{process:08x}{_read_start(process) or 0:016x}"


@cache
def _identify_system() -> str:
    """Return 8 hexadecimal digits for all processes that share this one's process numbers."""
    parts = [os.uname().nodename]
    with suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text())
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    return blake2b("\n".join(parts).encode(), digest_size=4).hexdigest()
