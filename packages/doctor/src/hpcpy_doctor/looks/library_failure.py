"""What keeps mpi4py from loading an MPI library, and what would mend that."""

import os
import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from hpcpy_core.site_library import find_mpich_of_debian, link_mpich
from hpcpy_doctor.looks.install_command import install_command
from hpcpy_doctor.looks.load_trace import LoadTrace

__all__ = ["Trace", "find_cure", "find_cure_of_debian", "list_unloadable"]

WANTED = "libmpi.so.12"

Trace = Callable[[Mapping[str, str]], LoadTrace]
"""Lets another process load the library in an environment, and tells how it went."""

NO_LIBRARY_AT_ALL = ("invalid ELF header", "file too short")
"""A wheel's ``libmpi.so`` is a text for the linker, and no fault."""


def list_unloadable(seen: LoadTrace) -> list[tuple[Path, str]]:
    """Return the MPI libraries that are there and could not be loaded, each with why. Local."""
    names = [name for name in seen.tried if name]
    errors = (seen.error or "").splitlines()[1:]
    return [
        (Path(name), error)
        for name, error in zip(names, errors, strict=False)
        if os.sep in name and Path(name).is_file() and not error.endswith(NO_LIBRARY_AT_ALL)
    ]


def find_cure(unset: tuple[str, ...], environ: Mapping[str, str], trace: Trace) -> str:
    """Return a command after which mpi4py loads a library; it was tried. Local.

    Parameters
    ----------
    unset
        The variables that may be to blame.
    environ
        In which no library is loaded.
    trace
        Tries to load one.
    """
    kept = {name: value for name, value in environ.items() if name not in unset}
    unset = tuple(name for name in unset if name in environ)
    if unset and trace(kept).path:
        return f"unset {' '.join(unset)}"
    for path in _list_libraries(environ.get("PATH", "")):
        if trace({**kept, "MPI4PY_LIBMPI": str(path)}).path:
            also = f"unset {' '.join(unset)}; " if "MPI4PY_MPIABI" in unset else ""
            return f"{also}export MPI4PY_LIBMPI={shlex.quote(str(path))}"
    return install_command("mpich")


def find_cure_of_debian(error: str, environ: Mapping[str, str], trace: Trace) -> str | None:
    """Return a command after which Debian's MPICH is loaded, which was tried; or None. Local.

    Parameters
    ----------
    error
        Why no library is loaded.
    environ
        In which that is so.
    trace
        Tries to load one.
    """
    found = find_mpich_of_debian(environ) if WANTED in error else None
    if found is None:
        return None
    with suppress(OSError), TemporaryDirectory() as folder:
        Path(folder, WANTED).symlink_to(found)
        path = os.pathsep.join([folder, environ.get("LD_LIBRARY_PATH", "")])
        for unset in ((), ("MPI4PY_MPIABI",), ("MPI4PY_MPIABI", "MPI4PY_LIBMPI")):
            kept = {name: value for name, value in environ.items() if name not in unset}
            if trace({**kept, "LD_LIBRARY_PATH": path}).path:
                out = [name for name in unset if name in environ]
                return " && ".join(
                    [*([f"unset {' '.join(out)}"] if out else []), link_mpich(found)]
                )
    return None


def _list_libraries(search: str) -> Iterator[Path]:
    """Yield the MPI libraries whose mpiexec is on PATH."""
    for folder in map(Path, search.split(os.pathsep)):
        if (folder / "mpiexec").is_file():
            for name in ("libmpi.so.12", "libmpi.so.40"):
                for place in ("lib", "lib64", "lib/release"):  # the last is Intel's
                    path = folder.resolve().parent / place / name
                    if path.is_file():
                        yield path
