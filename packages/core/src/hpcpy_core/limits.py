"""What this system lets a process do, against what MPI needs to start. Starts no MPI.

MPI libraries answer a limit with a signal, with silence, or with lines that do not
name it, and that before a program can say anything. So it is looked at before MPI_Init.
The numbers were measured with MPICH 5.0.2 and Open MPI 5.0.11 (docs/decisions/0030).
"""

import mmap
import os
import resource
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from hpcpy_core.errors import LaunchError

__all__ = ["SHARED", "check_limits", "find_limits"]

MIB = 1 << 20
SHARED = Path("/dev/shm")
"""Where the ranks of a node have their shared memory."""

FILES = 32
"""Descriptors that MPI_Init needs, and the command after it."""

THREADS = 4
FILE_SIZE = 17 * MIB
"""The largest file that MPI makes: Open MPI's shared memory of one rank, and its header."""


def check_limits(
    library: str, environ: Mapping[str, str] = os.environ, *, shared: Path = SHARED
) -> None:
    """Refuse a start that would die inside MPI_Init for a limit of this system. Local.

    Parameters
    ----------
    library
        The text of MPI_Get_library_version.
    environ
        The launcher's variables, which tell the number of ranks on this node.
    shared
        The folder of shared memory.

    Raises
    ------
    LaunchError
        Names the first limit and what mends it. It may be this node's alone.
    """
    for words in find_limits(library, environ, shared=shared):
        raise LaunchError(words, lone=True)


def find_limits(
    library: str, environ: Mapping[str, str] = os.environ, *, shared: Path = SHARED
) -> Iterator[str]:
    """Yield in words each limit that is too low, with its cure. Local; see `check_limits`."""
    ranks = _count_local_ranks(environ)
    yield from _look_at_folders(library)
    yield from _look_at_files()
    yield from _look_at_file_size()
    yield from _look_at_memory(library, ranks)  # before threads, whose stacks take of it
    yield from _look_at_threads()
    yield from _look_at_shared(library, ranks, environ, shared)


def _look_at_folders(library: str) -> Iterator[str]:
    try:
        os.getcwd()  # noqa: PTH109 - whether there is one
    except OSError as error:
        yield (
            f"the working directory is gone ({error.strerror}): cd to one that is there, and "
            "start again"
        )
    if "MPICH" in library and not Path("/proc/self").exists():
        yield (
            "/proc is not mounted, and MPICH's UCX needs it: mount -t proc proc /proc, or start "
            "the container so that it has one"
        )


def _look_at_files() -> Iterator[str]:
    """Try to open as many descriptors as are needed."""
    opened: list[int] = []
    try:
        with suppress(OSError):
            opened.extend(os.open("/", os.O_RDONLY | os.O_CLOEXEC) for _ in range(FILES))
    finally:
        for number in opened:
            os.close(number)
    if len(opened) < FILES:
        limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        yield (
            f"only {len(opened)} more files can be opened (RLIMIT_NOFILE is {limit}), and MPI "
            f"needs {FILES}: ulimit -n 1024, before mpiexec"
        )


def _look_at_file_size() -> Iterator[str]:
    limit, _ = resource.getrlimit(resource.RLIMIT_FSIZE)
    if limit != resource.RLIM_INFINITY and limit < FILE_SIZE:
        yield (
            f"files may have at most {_format(limit)} (RLIMIT_FSIZE), and MPI's shared memory is "
            f"a file of up to {_format(FILE_SIZE)}: ulimit -f unlimited, before mpiexec"
        )


def _look_at_threads() -> Iterator[str]:
    """Try to start as many threads as are needed."""
    leave = threading.Event()
    started = []
    try:
        for _ in range(THREADS):
            thread = threading.Thread(target=leave.wait, daemon=True)
            thread.start()
            started.append(thread)
    except RuntimeError:
        limit, _ = resource.getrlimit(resource.RLIMIT_NPROC)
        shown = "unlimited" if limit == resource.RLIM_INFINITY else limit
        yield (
            f"no more than {len(started)} threads can be started (RLIMIT_NPROC is {shown}; a "
            f"container may have its own limit of processes), and MPI needs {THREADS}: "
            "ulimit -u 4096, before mpiexec"
        )
    finally:
        leave.set()
        for thread in started:
            thread.join()


def _look_at_memory(library: str, ranks: int) -> Iterator[str]:
    """Try to map as much as is needed, where the address space is limited at all."""
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit == resource.RLIM_INFINITY:
        return
    need = (160 + 17 * ranks if "Open MPI" in library else 128 + 6 * ranks) * MIB
    try:
        mmap.mmap(-1, need, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, mmap.PROT_READ).close()
    except OSError:
        yield (
            f"the address space is limited to {_format(limit)} (RLIMIT_AS), and MPI needs "
            f"{_format(need)} more: ulimit -v unlimited, before mpiexec"
        )


def _look_at_shared(
    library: str, ranks: int, environ: Mapping[str, str], shared: Path
) -> Iterator[str]:
    need = _need_shared(library, ranks, environ)
    if not need or not shared.is_dir():
        return
    found = os.statvfs(shared)
    size, free = found.f_blocks * found.f_frsize, found.f_bavail * found.f_frsize
    if not os.access(shared, os.W_OK | os.X_OK):
        yield (
            f"{shared} cannot be written, and MPI's shared memory is there: chmod 1777 {shared}, "
            "or mount a tmpfs on it"
        )
    elif size and size < need:
        yield (
            f"{shared} has {_format(size)}, and MPI needs {_format(need)} of it for "
            f"{ranks} rank{'s' if ranks > 1 else ''} on this node: mount -o remount,size=1G "
            f"{shared}, or --shm-size=1g of the container"
        )
    elif size and free < need and _is_first(environ):
        yield (
            f"{shared} has only {_format(free)} free of {_format(size)}, and MPI needs "
            f"{_format(need)}: remove what ended jobs left there, such as {shared}/mpich_shm_*, "
            f"or mount -o remount,size=1G {shared}"
        )


def _need_shared(library: str, ranks: int, environ: Mapping[str, str]) -> int:
    """Return how many bytes of shared memory a node's ranks need; 0 if that is not known."""
    if library.startswith("MPICH") and "ch4" in library:
        return 0 if "UCX_TLS" in environ else int((12 + 5.15 * ranks) * MIB)
    if "Open MPI" in library and ranks > 1:
        chosen = environ.get("OMPI_MCA_btl", "")
        excluded = chosen.startswith("^") and "sm" in chosen[1:].split(",")
        elsewhere = "OMPI_MCA_btl_sm_backing_directory" in environ
        return 0 if excluded or elsewhere else FILE_SIZE
    return 0


def _count_local_ranks(environ: Mapping[str, str]) -> int:
    for name in ("MPI_LOCALNRANKS", "OMPI_COMM_WORLD_LOCAL_SIZE"):
        with suppress(KeyError, ValueError):
            return int(environ[name])
    return 1


def _is_first(environ: Mapping[str, str]) -> bool:
    """Tell whether this is a node's first rank: the others may see what it has taken."""
    names = ("MPI_LOCALRANKID", "OMPI_COMM_WORLD_LOCAL_RANK")
    return next((environ[name] for name in names if name in environ), "0") == "0"


def _format(size: int) -> str:
    if size < MIB:
        return f"{size / 1024:.4g} KiB"
    return f"{size / MIB:.4g} MiB" if size < 1024 * MIB else f"{size / 1024 / MIB:.4g} GiB"
