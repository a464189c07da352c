"""The programs of MPIs on PATH: which there are, in order, and whose they are."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from hpcpy_core.tools import TOO_LONG, complete_tool
from hpcpy_doctor.looks.vendors import Family, find_family

__all__ = ["MpiProgram", "describe_program", "list_programs"]

SECONDS = 4
"""That a program has to tell its version; it takes some hundredths of one."""

SAID = (
    ("MPICH", r"HYDRA build details:\s+Version:\s+(\S+)"),
    ("Intel MPI", r"Intel\(R\) MPI Library.*?Version (\S+)"),
    ("Open MPI", r"\((?:Open MPI|OpenRTE|Open RTE)\) (\S+)"),
    ("PRRTE", r"\(PRRTE\) (\S+)"),
    ("Slurm", r"^slurm(?:-wlm)? (\S+)"),
)
"""Whose it is, and where it tells its version."""


@dataclass(frozen=True, kw_only=True)
class MpiProgram:
    """A launcher on this machine.

    Attributes
    ----------
    path
        As it is found, with its links.
    name, version
        ``MPICH`` and ``5.0.2``; None if it does not tell.
    family
        Whose libraries' programs it can start; None if it does not tell.
    error
        Why it could not be asked; None if it could.
    """

    path: Path
    name: str | None
    version: str | None
    family: Family | None
    error: str | None = None

    def __str__(self) -> str:
        """Return where and whose it is."""
        whose = " ".join(word for word in (self.name, self.version) if word)
        return f"{self.path} ({self.error or whose or 'of an unknown MPI'})"


def list_programs(name: str, search: str) -> list[Path]:
    """Return the programs of this name in the order of PATH, each file once. Local.

    Parameters
    ----------
    name
        ``mpiexec``.
    search
        The folders to look in, as in PATH.
    """
    found: dict[Path, Path] = {}
    for folder in search.split(os.pathsep):
        if folder and (path := shutil.which(name, path=folder)):
            found.setdefault(Path(path).resolve(), Path(path))
    return list(found.values())


def describe_program(path: Path) -> MpiProgram:
    """Return whose launcher this is, by asking it for its version. Local; starts no MPI."""
    try:
        done = complete_tool([str(path), "--version"], SECONDS)
    except (OSError, subprocess.SubprocessError) as error:
        return _broken(path, str(error))
    if done.returncode in TOO_LONG:
        return _broken(path, f"no answer to --version within {SECONDS} s")
    text = done.stdout or done.stderr
    if done.returncode and not done.stdout:
        words = text.strip().splitlines()
        return _broken(path, words[-1][:200] if words else f"it ended with {done.returncode}")
    for name, pattern in SAID:
        if match := re.search(pattern, text, re.MULTILINE | re.DOTALL):
            return MpiProgram(
                path=path, name=name, version=match[1].rstrip(","), family=find_family(text)
            )
    return MpiProgram(path=path, name=None, version=None, family=find_family(text))


def _broken(path: Path, error: str) -> MpiProgram:
    return MpiProgram(path=path, name=None, version=None, family=None, error=error)
