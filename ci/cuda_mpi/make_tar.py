"""Make the tar file of the MPI: from its source to what was proven to run."""

import hashlib
import json
import platform
import shutil
import tarfile
import time
from pathlib import Path

import click

from compile_mpi import compile_mpi
from fetch_source import SUITE, fetch_source, unpack_source
from hpcpy_core.errors import InputError
from hpcpy_core.replacing import replacing
from prove import prove
from relocate import relocate
from stage_ucx import bring_ucx, describe_wheels, find_header, list_parts, stage_ucx
from write_stub import write_stub

__all__ = ["MARK", "hash_recipe", "make_tar"]

HERE = Path(__file__).resolve().parent
DECIDING = ("compile_mpi.py", "relocate.py", "stage_ucx.py", "write_stub.py")
"""The modules that decide what is in it."""

MARK = Path("share", "hpcpy-recipe")
"""The file of an installed MPI that holds the hash of what it was made of."""

PARTS = Path("share", "hpcpy-parts.json")
"""The file that tells what is in it, of which version, under which licence."""

LICENCE = "BSD-3-Clause-Open-MPI"
"""Of Open MPI, by its name in SPDX's list."""

COMMANDS = {"cc": "gcc", "c++": "g++", "make": "make", "perl": "perl", "strip": "binutils"}
"""What it is compiled with, and Debian's packages of that."""

ROOM = 2e9
"""Bytes on disk while it compiles."""


def hash_recipe(source: Path | None) -> str:
    """Return a hash of what decides the result: code, wheels, source, kind of machine. Local."""
    digest = hashlib.sha256()
    for name in DECIDING:
        digest.update((HERE / name).read_bytes())
    origin = SUITE if source is None else hash_file(source)
    words = [*describe_wheels(), origin, platform.machine(), *platform.libc_ver()]
    digest.update("\n".join(words).encode())
    return digest.hexdigest()[:16]


def make_tar(tar: Path, source: Path | None) -> None:
    """Compile the MPI in a folder beside `tar`, prove it, and pack it. Local.

    Parameters
    ----------
    tar
        Its name is the hash of the recipe.
    source
        A release's tar file; None fetches it from Debian.

    Raises
    ------
    InputError
        A wheel, a compiler, the source or room on disk is missing.
    HpcpyError
        A step fails, or the result is not what it should be.
    """
    start = time.monotonic()
    check_commands()
    check_room(tar.parent)
    recipe = tar.name.partition(".")[0]
    log = tar.with_name(f"{recipe}.log")
    log.unlink(missing_ok=True)
    work = tar.with_name("work")
    shutil.rmtree(work, ignore_errors=True)  # of a build that was killed
    stub, ucx, unpacked = work / "stub", work / "ucx", work / "source"
    try:
        for folder in (work, unpacked):
            folder.mkdir()
        say(start, f"with {' and '.join(describe_wheels())}")
        header = find_header()
        write_stub(header, stub, log)
        stage_ucx(ucx)
        tree = unpack_source(source or fetch_source(unpacked), unpacked)
        say(start, f"compiling {tree.name}, 5 to 20 minutes; what it says is in {log}")
        cuda = header.parents[1]
        prefix = compile_mpi(tree, work, log, cuda=cuda, stub=stub, ucx=ucx)
        bring_ucx(prefix)
        relocate(prefix)
        shutil.copy(tree / "LICENSE", prefix / "share" / "licences" / "openmpi")
        sources = shutil.ignore_patterns("*.c")
        shutil.copytree(stub, prefix / "lib" / "stubs", symlinks=True, ignore=sources)
        prove(prefix, prefix / "lib" / "stubs")
        (prefix / MARK).write_text(f"{recipe}\n")
        name, _, version = tree.name.rpartition("-")
        parts = [{"name": name, "version": version, "licence": LICENCE}, *list_parts()]
        (prefix / PARTS).write_text(f"{json.dumps(parts, indent=2)}\n")
        with replacing(tar) as temporary, tarfile.open(temporary, "w:xz") as archive:
            archive.add(prefix, arcname="cuda-mpi")
        say(start, "compiled, and proven by ompi_info and by two ranks")
    finally:
        shutil.rmtree(work, ignore_errors=True)


def check_commands() -> None:
    """Check that what compiles is on PATH."""
    missing = [name for name in COMMANDS if not shutil.which(name)]
    if missing:
        raise InputError(
            f"no {', '.join(missing)} on PATH: root must say first: apt-get install "
            f"{' '.join(COMMANDS[name] for name in missing)} "
            "(on a cluster: load the modules of a compiler and of make)"
        )


def check_room(folder: Path) -> None:
    """Check that there is room on disk."""
    free = shutil.disk_usage(folder).free
    if free < ROOM:
        raise InputError(
            f"{folder} has {free / 1e9:.1f} GB left, and compiling takes {ROOM / 1e9:.1f} GB: "
            "make room, or name another cache by XDG_CACHE_HOME"
        )


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def say(start: float, text: str) -> None:
    """Tell how far it is, to standard error."""
    click.echo(f"{time.monotonic() - start:4.0f} s: {text}", err=True)
