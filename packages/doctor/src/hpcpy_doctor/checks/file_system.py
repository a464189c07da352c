"""The file systems of the working directory, of TMPDIR and of HOME: tried, not only named."""

import os
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from hpcpy_doctor.check import Check
from hpcpy_doctor.facts import Facts
from hpcpy_doctor.finding import Finding
from hpcpy_doctor.looks import folder_kinds as kinds
from hpcpy_doctor.looks.ask_child import NoAnswerError, ask_child
from hpcpy_doctor.looks.first_rank import AS_FIRST, is_first
from hpcpy_doctor.looks.folders import Folder
from hpcpy_doctor.looks.judge_mount import judge_mount
from hpcpy_doctor.looks.local_ranks import read_local_ranks
from hpcpy_doctor.looks.mounts import MOUNTS

__all__ = ["CHECK", "look_at_file_systems"]

TRY = "hpcpy_doctor.looks.try_folders"

ENOUGH = 64 * 2**20
"""Bytes that should be free."""
FEWEST = 16
"""Files that it should be possible to make."""

NO_ROOM = ("ENOSPC", "EDQUOT")
GONE = ("ENOENT", "ENOTDIR")
DEFAULT = "/tmp"
"""Where programs put temporary files without TMPDIR."""


Ask = Callable[..., Mapping[str, Any]]


def look_at_file_systems(
    facts: tuple[Facts, ...], *, mounts: Path = MOUNTS, ask: Ask = ask_child
) -> Iterator[Finding]:
    """Write into the folders that programs write to, and lock a file there. Local.

    Parameters
    ----------
    facts
        Of this process.
    mounts
        Where the kernel tells what is mounted.
    ask
        Runs a module in a process of its own, which may hang.
    """
    own = facts[0]
    if not is_first(own):
        yield AS_FIRST
        return
    here, home = _find_here(), os.environ.get("HOME", "")
    temporary = os.environ.get("TMPDIR") or DEFAULT
    names = [name for name in dict.fromkeys((here, temporary, home)) if name]
    findings: list[Finding] = []
    try:
        tried = ask(TRY, *names)
    except NoAnswerError as error:
        tried = error.heard
        findings.append(_say_hanging(names, tried, str(error)))
    folders = {name: Folder.place(name, tried.get(name, {}), mounts) for name in names}
    safe = _find_safe(folders)
    if here:
        findings += _judge_here(folders[here], own, safe)
    else:
        findings.append(kinds.DELETED.found("getcwd finds no folder", folder=safe))
    if temporary != here:
        findings += _judge_temporary(folders[temporary], safe)
    if home not in ("", here, temporary) and folders[home].error:
        seen = f"HOME={home}: {folders[home].tried.get('words')}"
        findings.append(kinds.HOME_UNWRITABLE.found(seen, folder=safe))
    said = (f"{name} ({folder.kind})" for name, folder in folders.items())
    yield from findings or [Finding.ok(", ".join(said))]


def _find_here() -> str:
    try:
        return os.getcwd()  # noqa: PTH109 - what the kernel says, as find_mount wants it
    except OSError:
        return ""


def _find_safe(folders: Mapping[str, Folder]) -> str:
    """Return a folder that can be written, for a cure."""
    for name, folder in reversed(list(folders.items())):
        if folder.is_writable:
            return shlex.quote(name)
    return DEFAULT


def _say_hanging(names: Sequence[str], tried: Mapping[str, Any], words: str) -> Finding:
    """Name the folder that was tried last."""
    name = next(reversed(list(tried)), names[0])
    step = tried.get(name, {}).get("step", "look")
    cure = "cd /" if name == names[0] else f"export TMPDIR={DEFAULT} HOME={DEFAULT}"
    return kinds.HANGS.found(f"{name}: {words}, to {step}", cure=cure)


def _judge_here(folder: Folder, own: Facts, safe: str) -> Iterator[Finding]:
    """Judge the working directory: say first what stops a program."""
    error, words = folder.error, folder.tried.get("words")
    seen = f"{folder.name} ({folder.kind}): {words}"
    place = str(folder.mount.path) if folder.mount else folder.name
    if folder.step == "lock" and error:
        option = "flock" if folder.kind == "lustre" else "lock"
        cure = f"sudo mount -o remount,{option} {shlex.quote(place)}"
        yield kinds.NO_LOCKS.found(seen, cure=cure if folder.is_on_network else f"cd {safe}")
    elif error == "EROFS":
        yield kinds.READ_ONLY.found(seen, folder=safe)
    elif error in NO_ROOM:
        yield kinds.FULL.found(seen, folder=shlex.quote(place))
    elif error:
        yield kinds.NOT_WRITABLE.found(seen, folder=safe)
    else:
        yield from _judge_room(folder, place)
    several_hosts = read_local_ranks(own.environ).size < own.size
    yield from judge_mount(folder, safe, several_hosts=several_hosts)


def _judge_room(folder: Folder, place: str) -> Iterator[Finding]:
    free, files = folder.tried.get("free"), folder.tried.get("files")
    few = files is not None and files < FEWEST
    if free is not None and (free < ENOUGH or few):
        left = f"{files} more files" if few else f"{free / 2**20:.1f} MiB"
        seen = f"{folder.name} ({folder.kind}): room for {left}"
        yield kinds.NEARLY_FULL.found(seen, folder=shlex.quote(place))


def _judge_temporary(folder: Folder, safe: str) -> Iterator[Finding]:
    error = folder.error
    seen = f"{folder.name} ({folder.kind}): {folder.tried.get('words')}"
    given = "TMPDIR" in os.environ and folder.name != DEFAULT
    cure = "unset TMPDIR" if given else f"export TMPDIR={safe}"
    if error in GONE:
        yield kinds.NO_TMPDIR.found(seen, cure=f"mkdir -p {shlex.quote(folder.name)}")
    elif error in NO_ROOM:
        yield kinds.TMPDIR_FULL.found(seen, cure=cure)
    elif error and folder.step != "lock":
        yield kinds.TMPDIR_UNWRITABLE.found(seen, cure=cure)
    elif folder.is_on_network:
        seen = f"{folder.name} is on {folder.kind}"
        yield kinds.TMPDIR_ON_NETWORK.found(seen, cure=cure)


CHECK = Check(
    name="file_system",
    title="File system",
    scope="process",
    kinds=kinds.FOLDER_KINDS,
    run=look_at_file_systems,
)
