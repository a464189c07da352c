"""Find the CUDA-built MPI that `nox -s cuda_mpi` has packed, and what it says is in it."""

import json
import tarfile
from dataclasses import dataclass
from pathlib import Path

from hpcpy_core.errors import InputError

__all__ = ["NAME", "Part", "find_mpi_tar", "list_parts"]

NAME = "cuda-mpi.tar.xz"
PARTS = "cuda-mpi/share/hpcpy-parts.json"


@dataclass(frozen=True, kw_only=True)
class Part:
    """A work of which files are in the MPI; its licence by its name in SPDX's list."""

    name: str
    version: str
    licence: str


def find_mpi_tar(root: Path) -> Path:
    """Return the tar file of the MPI in the build folder of a checkout. Local.

    Raises
    ------
    InputError
        It was not made.
    """
    tar = root / "build" / NAME
    if not tar.exists():
        raise InputError(f"{tar} is not there: nox -s cuda_mpi makes it, in 5 to 20 minutes")
    return tar


def list_parts(tar: Path) -> list[Part]:
    """Return what is in the MPI, itself first. Local.

    Raises
    ------
    InputError
        The tar file is damaged, or of another making.
    """
    try:
        with tarfile.open(tar) as archive:
            file = archive.extractfile(PARTS)
            return [Part(**part) for part in json.load(file)] if file else []
    except (OSError, EOFError, KeyError, ValueError, tarfile.TarError) as error:
        raise InputError(f"{tar} does not say what is in it: make it by nox -s cuda_mpi") from error
