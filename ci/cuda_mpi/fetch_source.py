"""Fetch the source of Open MPI 5 from Debian, and unpack it."""

import os
import pwd
import re
import shutil
from pathlib import Path

from hpcpy_core.errors import HpcpyError, InputError
from hpcpy_core.tools import run_tool
from unpack_tar import unpack_tar

__all__ = ["SUITE", "fetch_source", "unpack_source"]

SUITE = "trixie"
"""Of Debian: the first one whose Open MPI is a release of the series 5."""

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
PATIENCE = 300.0
OTHERWISE = "name the tar file of an Open MPI 5 release instead, by --source"


def fetch_source(folder: Path) -> Path:
    """Return the tar file of the release that is in `SUITE`, put into an empty folder. Local.

    apt fetches it from the mirror that it is configured for and checks it against Debian's
    signatures; its configuration here is a private one, so nothing of the machine's changes.

    Raises
    ------
    InputError
        This machine has no apt of Debian's.
    HpcpyError
        The mirror cannot be reached, or does not hold what it should.
    """
    if not shutil.which("apt-get"):
        raise InputError(f"no apt-get to fetch the source of Open MPI with: {OTHERWISE}")
    command = ["apt-get", "indextargets", "--format", "$(REPO_URI)"]
    mirrors = run_tool([*command, "Created-By: Packages", "Label: Debian"], PATIENCE).split()
    if not mirrors or not KEYRING.exists():
        raise InputError(
            "apt knows no mirror of Debian to fetch the source of Open MPI from: "
            f"say `apt-get update` on a Debian, or {OTHERWISE}"
        )
    private = configure_apt(folder, mirrors[0])
    try:
        # Without --error-on an update that reached nothing would be a success.
        run_tool(["apt-get", *private, "--quiet=2", "--error-on=any", "update"], PATIENCE)
        download = ["source", "--quiet=2", "--download-only", "openmpi"]
        run_tool(["env", f"--chdir={folder}", "apt-get", *private, *download], PATIENCE)
    except HpcpyError as error:
        said = re.findall(r"[EW]: .*", str(error)) or str(error).splitlines()
        reason = "\n".join(said[-3:])
        raise HpcpyError(
            f"apt cannot fetch the source of Open MPI from Debian {SUITE}: "
            f"mend the network or apt's mirror, or {OTHERWISE}\n{reason}"
        ) from error
    (tar,) = folder.glob("openmpi_*.orig.tar.*")
    return tar


def configure_apt(folder: Path, mirror: str) -> list[str]:
    """Return the options of an apt that knows the sources of one suite and nothing else."""
    for name in ("state/lists/partial", "cache/archives/partial"):
        (folder / name).mkdir(parents=True)
    sources = folder / "sources.list"
    sources.write_text(f"deb-src [signed-by={KEYRING}] {mirror} {SUITE} main\n")
    options = {
        "Dir::State": folder / "state",
        "Dir::Cache": folder / "cache",
        "Dir::Etc::sourcelist": sources,
        "Dir::Etc::sourceparts": "-",
        "APT::Sandbox::User": pwd.getpwuid(os.geteuid()).pw_name,
        "Acquire::Languages": "none",
        "Acquire::Retries": "1",
    }
    return [word for name, value in options.items() for word in ("-o", f"{name}={value}")]


def unpack_source(tar: Path, folder: Path) -> Path:
    """Unpack the source into `folder`; return the folder that holds configure. Local.

    Raises
    ------
    InputError
        The file is damaged, or is not a release of Open MPI 5.
    HpcpyError
        The folder cannot be written.
    """
    unpack_tar(tar, folder)
    found = list(folder.glob("*/configure"))
    version = found[0].with_name("VERSION") if found else folder / "VERSION"
    if not version.exists() or "\nmajor=5\n" not in version.read_text():
        raise InputError(
            f"{tar} is no release of Open MPI 5: it holds no configure with a VERSION of 5"
        )
    return found[0].parent
