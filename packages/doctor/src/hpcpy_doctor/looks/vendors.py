"""Whose MPI a library or a launcher is, told from what it says of itself."""

import re
from typing import Literal

__all__ = ["Family", "find_family", "shorten_library"]

Family = Literal["MPICH", "Open MPI"]
"""MPIs of one family can start each other's programs: Intel's, Cray's and MVAPICH are MPICHs."""

MPICHS = ("mpich", "intel(r) mpi", "mvapich", "hydra")


def find_family(text: str | None) -> Family | None:
    """Return the family of a library or a launcher, or None if it tells of neither. Local.

    Parameters
    ----------
    text
        What MPI_Get_library_version or ``mpiexec --version`` says.
    """
    lower = (text or "").lower()
    if "open mpi" in lower or "prrte" in lower or "openrte" in lower:
        return "Open MPI"
    return "MPICH" if any(word in lower for word in MPICHS) else None


def shorten_library(text: str) -> str:
    """Return name and version, as in ``MPICH 5.0.2`` and ``Open MPI 5.0.11``. Local."""
    line = text.strip().partition("\n")[0]
    version = re.search(r"\d+(\.\w+)+", line)
    name = re.split(r"\s+v?\d|,|\s+version\b|\s+library\b", line, maxsplit=1, flags=re.IGNORECASE)
    return f"{name[0]} {version[0]}" if version else line[:40]
