"""Find the mpiexec that belongs to the MPI library which mpi4py loads. Starts no MPI."""

import os
import shutil
from pathlib import Path

from hpcpy_core.errors import InputError
from hpcpy_core.find_library import find_library
from hpcpy_core.tools import find_tool

__all__ = ["find_mpiexec"]

VARIABLE = "HPCPY_MPIEXEC"


def find_mpiexec() -> Path:
    """Return HPCPY_MPIEXEC, or the mpiexec of the loaded library, or the first one. Local.

    That of another MPI would start processes that do not find each other, so the folder
    ``bin`` beside the library's ``lib`` comes before this Python's and before PATH.

    Raises
    ------
    InputError
        If HPCPY_MPIEXEC is no program, or there is no mpiexec anywhere.
    """
    if wanted := os.environ.get(VARIABLE):
        if found := shutil.which(wanted):
            return Path(found)
        raise InputError(f"{VARIABLE}={wanted} is no program: name your mpiexec, or unset it")
    library = find_library()
    for place in Path(library.path).parents[1:-1] if library else ():
        if found := shutil.which(place / "bin" / "mpiexec"):
            return Path(found)
    return find_tool("mpiexec")
