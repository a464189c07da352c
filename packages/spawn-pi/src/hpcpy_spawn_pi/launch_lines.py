"""The launchers that are there, as the beginnings of command lines. Starts no MPI."""

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from hpcpy_core.errors import HpcpyError
from hpcpy_core.tools import run_tool

__all__ = ["find_launch_lines"]

RANKS = (1, 4)


def find_launch_lines(environ: Mapping[str, str] = os.environ) -> dict[str, tuple[str, ...]]:
    """Return each launcher's command line, by a short name for it. Local.

    No launcher at all comes first; then each mpiexec, beside this Python and on PATH, for
    Open MPI with and without leave to start more processes than there are slots; then
    srun, where Slurm answers.
    """
    lines: dict[str, tuple[str, ...]] = {"python (no launcher)": ()}
    for place in _find_all("mpiexec", environ.get("PATH", "")):
        version = _ask(str(place), "--version")
        vendor = "MPICH" if "HYDRA" in version else "Open MPI" if "Open MPI" in version else "?"
        options: list[tuple[str, ...]] = [()]
        if vendor == "Open MPI":
            options.append(("--map-by", ":OVERSUBSCRIBE"))
        for more in options:
            for ranks in RANKS:
                words = ("-n", str(ranks), *more)
                lines[" ".join(("mpiexec", *words, f"({vendor})"))] = (str(place), *words)
    srun = shutil.which("srun", path=environ.get("PATH"))
    if srun and _ask("sinfo", "--noheader"):
        for ranks in RANKS:
            lines[f"srun -n {ranks}"] = (srun, "-n", str(ranks))
    return lines


def _find_all(name: str, path: str) -> list[Path]:
    """Return every program of that name, beside Python first, each once."""
    folders = [Path(sys.executable).parent, *map(Path, filter(None, path.split(os.pathsep)))]
    found: dict[Path, Path] = {}
    for folder in folders:
        if os.access(folder / name, os.X_OK):
            found.setdefault((folder / name).resolve(), folder / name)
    return list(found.values())


def _ask(*command: str) -> str:
    try:
        return run_tool(command, 20)
    except HpcpyError:
        return ""
