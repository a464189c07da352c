"""Make the base of the images from Debian's packages, where no container registry is reachable.

Usage: python containers/base.py [--fresh]

Prints the path of a tar of the root file system. It holds what a python:slim image of the
same suite holds, and `/dev` is empty, so that an unprivileged build can unpack it. A tar is
kept under ~/.cache/hpcpy/base/ and used again until `--fresh` asks for the packages of today.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import IO

import click

from hpcpy_core.errors import HpcpyError, InputError
from hpcpy_core.files.private_cache import private_folder, say_once
from hpcpy_core.run_alone import run_alone

__all__ = ["SUITE", "make_base", "sources"]

SUITE = "bookworm"
PACKAGES = ("ca-certificates", "passwd", "python3", "python3-venv")
EXCLUDED = ("doc", "info", "locale", "man")
KEPT = ("doc/*/copyright", "locale/locale.alias")
OF_THIS_MACHINE = ("./etc/apt/sources.list", "./etc/hostname", "./etc/resolv.conf")
SOURCE_DATE_EPOCH = "315532800"  # 1980: the same packages give the same tar


def make_base(*, fresh: bool = False) -> Path:
    """Return the tar of the base, made now if there is none yet. Local.

    Parameters
    ----------
    fresh
        Make it from the packages of today, whether there is one or not.

    Returns
    -------
    Path
        Its name holds two hashes: of the recipe that it was made by, and of its content.

    Raises
    ------
    InputError
        There is no mmdebstrap.
    HpcpyError
        mmdebstrap fails, or the tar cannot be written.
    """
    place = private_folder("base")
    say_once(place.note)
    cache = place.path
    recipe = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:12]
    known = sorted(cache.glob(f"{SUITE}-{recipe}-*.tar"), key=lambda path: path.stat().st_mtime)
    if known and not fresh:
        return known[-1]
    if not shutil.which("mmdebstrap"):
        raise InputError(
            "no mmdebstrap on PATH: ci/install-packages.sh mmdebstrap installs it; or name a base "
            "image of a registry instead of making one"
        )
    temporary = cache / f".{os.getpid()}.tmp"
    try:
        bootstrap(temporary)
        with temporary.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()[:12]
        return temporary.rename(cache / f"{SUITE}-{recipe}-{content}.tar")
    except OSError as error:
        raise HpcpyError(f"cannot write {temporary}: {error.strerror or error}") from error
    finally:
        temporary.unlink(missing_ok=True)


def bootstrap(tar: Path) -> None:
    """Install the packages into an empty folder and write it to `tar`."""
    excluded = [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in EXCLUDED]
    kept = [f"--dpkgopt=path-include=/usr/share/{name}" for name in KEPT]
    command = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={','.join(PACKAGES)}"]
    with (
        tempfile.TemporaryFile("w+") as log,
        subprocess.Popen(
            [*command, *excluded, *kept, SUITE, "-", *sources()],
            env={**os.environ, "SOURCE_DATE_EPOCH": SOURCE_DATE_EPOCH},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
        ) as process,
    ):
        assert process.stdout is not None
        try:
            copy_neutral(process.stdout, tar)
        except tarfile.ReadError:
            process.wait()
        if process.wait():
            log.seek(0)
            raise HpcpyError(
                f"mmdebstrap ended with {process.returncode}: {log.read().strip()[-800:]}"
            )


def copy_neutral(source: IO[bytes], target: Path) -> None:
    """Copy a tar, but for what tells of this machine or what no ordinary user can unpack."""
    with (
        tarfile.open(fileobj=source, mode="r|") as old,
        tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as new,
    ):
        for member in old:
            if member.name.startswith("./dev/"):
                continue
            if member.isdir():
                member.mode |= 0o555  # apt's own folders, whose user is not mapped in a build
            if member.name.startswith(OF_THIS_MACHINE) and member.isreg():
                member.size = 0
            new.addfile(member, old.extractfile(member) if member.isreg() else None)


def sources() -> list[str]:
    """Return the sources of the suite that this machine's apt uses; empty for mmdebstrap's own."""
    line = "deb $(REPO_URI) $(RELEASE) $(COMPONENT)"
    command = ["apt-get", "indextargets", "--format", line]
    chosen = ["Created-By: Packages", "Origin: Debian"]
    try:
        done = subprocess.run([*command, *chosen], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return []
    return [text for text in done.stdout.splitlines() if text.split()[2].startswith(SUITE)]


@click.command()
@click.option("--fresh", is_flag=True, help="Make it again, from the packages of today.")
def main(fresh: bool) -> None:
    """Print the path of a base made of Debian's packages."""
    click.echo(make_base(fresh=fresh))


if __name__ == "__main__":
    sys.exit(run_alone(main, None))
