"""Why mpi4py loads the library that it loads."""

import os
from collections.abc import Mapping
from pathlib import Path

from hpcpy_doctor.looks.load_trace import LoadTrace

__all__ = ["LIBMPI", "MPIABI", "explain_choice", "names_file"]

LIBMPI, MPIABI = "MPI4PY_LIBMPI", "MPI4PY_MPIABI"


def explain_choice(seen: LoadTrace, environ: Mapping[str, str]) -> str:
    """Return in some words why it is this library. Local."""
    if not seen.tried and seen.abi is None:
        return "mpi4py was compiled for it"
    if not seen.tried:
        return f"{MPIABI}={seen.abi}, {_tell_linker(seen, environ)}"
    if not seen.chosen:
        return "LD_PRELOAD names it" if environ.get("LD_PRELOAD") else "the process has it already"
    if environ.get(LIBMPI):
        return f"{LIBMPI} names it"
    if os.sep in seen.chosen:
        return f"mpi4py looks into {Path(seen.chosen).parent} first"
    return _tell_linker(seen, environ)


def names_file(places: str, path: str) -> bool:
    """Return whether a list of files and folders, with colons between, names a file. Local."""
    ours = {Path(path), Path(path).resolve()}
    ours |= {file.parent for file in ours}
    return any(
        not ours.isdisjoint({Path(place).expanduser(), Path(place).expanduser().resolve()})
        for place in places.split(os.pathsep)
        if place
    )


def _tell_linker(seen: LoadTrace, environ: Mapping[str, str]) -> str:
    if names_file(environ.get("LD_LIBRARY_PATH", ""), seen.path or ""):
        return "found by LD_LIBRARY_PATH"
    return "found in the system's folders"
