"""How mpi4py comes to its MPI library: what it tries, in its own words. Starts no MPI.

The wheels of mpi4py hold one extension module for each MPI's binary interface (ABI). To choose
one, mpi4py first asks whether the process has an MPI already (LD_PRELOAD); then it tries the
files that MPI4PY_LIBMPI names, or else those in the folders ``lib`` of this environment, of the
user's site and of the system's Python; and at last it leaves the search to the dynamic linker
(LD_LIBRARY_PATH, then the system's folders). The name of the first library that loads decides.
With MPI4PY_MPIABI set all of that is skipped: the extension is loaded, and the linker has to
find its library alone. ``python -v`` makes mpi4py tell what it does.
"""

import json
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from hpcpy_core.find_library import find_library
from hpcpy_core.tools import TOO_LONG, complete_tool

__all__ = ["LoadTrace", "trace_load"]

SECONDS = 5
"""That it may take; usually a third of one."""

TOLD = re.compile(
    r"^# \[mpi4py\._mpiabi\] "
    r"(trying to dlopen|MPI library from|MPI ABI extension suffix:) (?:None|'(.*)')$",
    re.MULTILINE,
)


@dataclass(frozen=True, kw_only=True)
class LoadTrace:
    """What mpi4py did to load its library.

    Attributes
    ----------
    tried
        What it tried to load, in order; the empty name is what the process has already.
    chosen
        The last of them, if it is an MPI library; None if it chose none.
    abi
        The binary interface whose extension it looked for; None if it came not so far, and for
        an mpi4py that was compiled for one MPI.
    extension
        The file of its extension module; None if it loaded none.
    path, text
        The library that was loaded in the end; None without.
    error
        Why it could not be loaded, a line for each try; None if it was.
    """

    tried: tuple[str, ...] = ()
    chosen: str | None = None
    abi: str | None = None
    extension: str | None = None
    path: str | None = None
    text: str | None = None
    error: str | None = None


def trace_load(environ: Mapping[str, str] = os.environ) -> LoadTrace:
    """Let another process load mpi4py's library, and return how it went. Local.

    Parameters
    ----------
    environ
        Its environment.
    """
    command = [sys.executable, "-v", "-P", "-m", "hpcpy_doctor.looks.load_trace"]
    try:
        done = complete_tool(command, SECONDS, environ=environ)
    except OSError as error:
        return LoadTrace(error=str(error))
    told = [(match[1], match[2] or "") for match in TOLD.finditer(done.stderr)]
    try:
        found = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError):  # it crashed or hangs in a library
        why = f"no answer in {SECONDS} s" if done.returncode in TOO_LONG else "it crashed"
        found = {"error": f"{why} (exit code {done.returncode})"}
    return LoadTrace(
        tried=tuple(name for verb, name in told if verb.startswith("trying")),
        chosen=next((name for verb, name in told if verb.startswith("MPI library")), None),
        abi=next((name[1:] for verb, name in told if verb.startswith("MPI ABI")), None),
        **found,
    )


def _load() -> dict[str, str | None]:
    """Load the library in this process, and describe it."""
    try:
        import mpi4py

        mpi4py.rc.initialize = False
        from mpi4py import MPI
    except (ImportError, RuntimeError) as error:
        return {"error": str(error)}
    library = find_library()
    return {
        "extension": MPI.__file__,
        "path": library.path if library else None,
        "text": library.text if library else None,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_load()) + "\n")
