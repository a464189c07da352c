"""The MPI library that mpi4py loads here: where it is, and what it calls itself.

Loading it does not start MPI. ``python -m hpcpy_core.find_library`` prints it.
"""

import functools
import json
import os
import re
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

__all__ = ["Library", "find_library", "list_mapped"]

NAME = re.compile(r"libmpi(?!_cxx|_ignore|_java|_mpifh|_usempi)\w*\.so[.\d]*")
"""``libmpi.so.40``, ``libmpich.so.12``, ``libmpi_cray.so.12``; not those of Fortran."""

DELETED = " (deleted)"

SECONDS = 20
"""Far above what loading a library takes, also from a file system over a network."""


@dataclass(frozen=True, kw_only=True)
class Library:
    """An MPI library.

    Parameters
    ----------
    path
        Of its file.
    text
        What MPI_Get_library_version says.
    """

    path: str
    text: str


@functools.cache
def find_library() -> Library | None:
    """Return the library that mpi4py loads with this environment, if it can load one. Local.

    Starts no MPI. A process that has not imported `mpi4py.MPI` asks another one, so that it
    can still choose how MPI is started.
    """
    if "mpi4py.MPI" in sys.modules:
        return _describe_loaded()
    command = [sys.executable, "-P", "-m", "hpcpy_core.find_library"]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=SECONDS, check=True, env=os.environ
        )
        said = json.loads(done.stdout.splitlines()[-1])
    except (OSError, subprocess.SubprocessError, IndexError, ValueError):
        return None
    return Library(**said) if said else None


def list_mapped(maps: Path = Path("/proc/self/maps")) -> list[str]:
    """Return the files that this process has mapped and that are still there, once each. Local."""
    try:
        lines = maps.read_text(errors="replace").splitlines()
    except OSError:  # no Linux
        return []
    mapped = {line.split(maxsplit=5)[5] for line in lines if "/" in line}
    return sorted(path for path in mapped if not path.endswith(DELETED))


def _describe_loaded() -> Library | None:
    from mpi4py import MPI

    found = [path for path in list_mapped() if NAME.fullmatch(Path(path).name)]
    return Library(path=found[0], text=MPI.Get_library_version().rstrip("\0 ")) if found else None


if __name__ == "__main__":
    import mpi4py

    mpi4py.rc.initialize = False
    from mpi4py import MPI  # noqa: F401 - to load the library

    library = _describe_loaded()
    sys.stdout.write(json.dumps(asdict(library) if library else None) + "\n")
