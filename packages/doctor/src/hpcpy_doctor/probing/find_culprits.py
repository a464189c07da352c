"""Find the settings without which an expendable job works. Starts no MPI in this process.

A setting is a variable, or a file of the user's home that MPI or its launcher reads.
"""

import os
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from pathlib import Path
from time import monotonic

from hpcpy_core.expendable import scrub

__all__ = ["IN_HOME", "find_culprits", "list_set_by_files", "list_settings"]

SETTINGS = (
    *("OMPI_MCA_", "PRTE_", "PMIX_MCA_", "OPAL_", "HYDRA_", "MPIEXEC_", "MPIR_", "MPICH_"),
    *("I_MPI_", "MV2_", "MVP_", "UCX_", "FI_", "HCOLL_", "PSM2_", "PSM3_", "LD_PRELOAD"),
)
"""Beginnings of the variables by which users and sites change what MPI and mpiexec do."""

VARIABLES_OF = {
    ".openmpi/mca-params.conf": "OMPI_MCA_",
    ".prte/mca-params.conf": "PRTE_MCA_",
    ".pmix/mca-params.conf": "PMIX_MCA_",
}
"""Files of the user's home that set the same as variables with these beginnings."""

IN_HOME = (*VARIABLES_OF, ".mpiexec.conf", ".mpiexec.hydra.conf", "ucx.conf")
"""Files that Open MPI, PRRTE, PMIx, Hydra and UCX look for in the user's home."""

LONG = 5
"""Letters of a value that is not in a text by chance."""


def list_settings(environ: Mapping[str, str] = os.environ) -> list[str]:
    """Return the settings of MPI that are in force: variables, then whole paths. Local."""
    home = environ.get("HOME", "")
    files = [str(Path(home, name)) for name in IN_HOME if home and Path(home, name).is_file()]
    return [*sorted(name for name in scrub(environ) if name.startswith(SETTINGS)), *files]


def list_set_by_files(environ: Mapping[str, str] = os.environ) -> set[str]:
    """Return the variables that would hide what a file of the home sets. Local."""
    found = set()
    for name, beginning in VARIABLES_OF.items():
        with suppress(OSError):
            lines = Path(environ.get("HOME", "/"), name).read_text(errors="replace").splitlines()
            found |= {beginning + line.partition("=")[0].strip() for line in lines if "=" in line}
    return found


def find_culprits(
    works: Callable[[Collection[str]], bool], seconds: float, said: str = ""
) -> list[str]:
    """Return the settings that must go to make it work, and no others; or none. Local.

    Parameters
    ----------
    works
        Whether it does so without some settings.
    seconds
        After which no more is tried: all that are then left are to blame.
    said
        What the job that does not work has printed: it may quote the setting.
    """
    blamed, began = list_settings(), monotonic()
    for name in blamed:
        if _is_quoted(name, said) and works([name]):
            return [name]
    if not blamed or not works(blamed):
        return []
    size = len(blamed) // 2
    while size:
        last = len(blamed)  # from the end: of several, each of which would do, the first is blamed
        while last > 0 and len(blamed) > 1:
            if monotonic() - began > seconds:
                return blamed
            first = max(0, last - size)
            fewer = [*blamed[:first], *blamed[last:]]
            if fewer and works(fewer):  # whoever stays while it works is innocent
                blamed = fewer
            last = first
        size //= 2
    return blamed


def _is_quoted(name: str, said: str) -> bool:
    """Tell whether words name a variable, or a value of it or of the file if it is no short one."""
    values = [os.environ.get(name, "")]
    if name.startswith(os.sep):
        with suppress(OSError):
            values = Path(name).read_text(errors="replace").replace("=", " ").split()
    return name in said or any(len(value) >= LONG and value in said for value in values)
