"""``/dev/shm``: its size against what the MPI needs, and what dead jobs have left in it."""

import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from hpcpy_core.awareness.sweep import SHARED
from hpcpy_doctor.check import Check
from hpcpy_doctor.facts import Facts
from hpcpy_doctor.finding import Finding, Kind
from hpcpy_doctor.looks.container import find_container
from hpcpy_doctor.looks.first_rank import AS_FIRST, is_first
from hpcpy_doctor.looks.local_ranks import read_local_ranks
from hpcpy_doctor.looks.shared_files import PROC, list_unused, sees_all_processes
from hpcpy_doctor.looks.shared_need import MIB, count_ranks_that_fit, measure_need
from hpcpy_doctor.looks.vendors import find_family, shorten_library

__all__ = ["CHECK", "look_at_shared_memory"]

NAMED = 8
"""As many files are named in a command; more are found by a second look."""

FULL = Kind(
    id="shared-memory-full",
    level="error",
    title="/dev/shm does not have enough room for MPICH",
    cause="MPICH and UCX share messages between the ranks of a host in /dev/shm, and do not notice "
    "that it is full before they touch memory that is not there.",
    cure="{cure}",
    example="docker run --shm-size=1g ...",
    text="MPI_Init dies with `Bus error (signal 7)` or `Segmentation fault (signal 11)`. MPICH "
    "5.0.2 needs 16 MiB and 5.3 MiB more for each rank of the host. Docker gives a container "
    "64 MiB: `docker run --shm-size=1g`. On a machine of your own: `sudo mount -o "
    "remount,size=50% /dev/shm`. Where only a few MiB are missing, `export UCX_TLS=^posix` keeps "
    "UCX away from /dev/shm; MPICH itself still needs 1 MiB for each rank.",
)
SHORT = Kind(
    id="shared-memory-short",
    level="warning",
    title="/dev/shm does not have enough room for fast messages of Open MPI",
    cause="Open MPI shares messages between the ranks of a host in files of 16 MiB in /dev/shm, "
    "and takes TCP instead where they do not fit.",
    cure="{cure}",
    example="docker run --shm-size=1g ...",
    text="It says `It appears as if there is not enough space for /dev/shm/sm_segment...`, and "
    "goes on more slowly. Docker gives a container 64 MiB: `docker run --shm-size=1g`. Another "
    "folder does as well if it is on a fast local file system: `export "
    "OMPI_MCA_btl_sm_backing_directory=/tmp`.",
)
LOW = Kind(
    id="shared-memory-low",
    level="warning",
    title="/dev/shm has no room for a rank on each core",
    cause="It is small, as the 64 MiB of Docker, or something fills it; it is memory, not disk.",
    cure="{cure}",
    example="docker run --shm-size=1g ...",
    text="This launch fits, but one with a rank on each core of this host would not, and other "
    "programs share it: NCCL, PyTorch's data loaders, databases. `df -h /dev/shm` and "
    "`ls -lS /dev/shm` show what is in it.",
)
LEFTOVERS = Kind(
    id="shared-memory-leftovers",
    level="note",
    title="Dead MPI jobs have left files in /dev/shm",
    cause="A job that was killed, or crashed, had no time to remove its shared memory; nobody "
    "else does, and it keeps memory until the next boot.",
    cure="{cure}",
    example="/path/to/env/bin/python -m hpcpy_doctor.looks.shared_files | xargs rm",
    text="Only files of this user are named that are called like those of an MPI, and that no "
    "living process has open or mapped; none in a container that does not see all processes. "
    "Jobs that end in other ways leave none: `kill -TERM` or `scancel` rather than `kill -9`.",
)
NONE = Kind(
    id="no-shared-memory",
    level="error",
    title="/dev/shm is not there, or cannot be written",
    cause="The container or chroot was started without it, or with one that is read-only.",
    cure="{cure}",
    example="sudo mount -t tmpfs -o mode=1777 shm /dev/shm",
    text="MPICH and UCX abort in MPI_Init with `Shared memory error`; Open MPI sends messages "
    "between the ranks of a host over TCP. It is a tmpfs with mode 1777.",
)


def look_at_shared_memory(
    facts: tuple[Facts, ...], *, shared: Path = SHARED, proc: Path = PROC
) -> Iterator[Finding]:
    """Look at the room in ``/dev/shm``, and for files that nobody uses. Local.

    Parameters
    ----------
    facts
        Of this process.
    shared, proc
        Where processes share memory, and where the kernel shows them.
    """
    own = facts[0]
    if not is_first(own):
        yield AS_FIRST
        return
    try:
        status = os.statvfs(shared)
        writable = os.access(shared, os.W_OK | os.X_OK) and not status.f_flag & os.ST_RDONLY
    except OSError:
        writable = False
    if not writable:
        cure = f"sudo mount -t tmpfs -o mode=1777 shm {shared}"
        yield NONE.found(f"{shared} cannot be written by this user", cure=cure)
        return
    free, size = status.f_bavail * status.f_frsize, status.f_blocks * status.f_frsize
    unused = list_unused(shared, proc) if sees_all_processes(proc) else []
    room = f"{_show(free)} of {_show(size)} free in {shared}"
    cure = _remove(unused) if unused else _enlarge(own, shared)
    ranks = read_local_ranks(own.environ)
    need, fit = (
        measure_need(own.library_text, ranks.size),
        count_ranks_that_fit(own.library_text, free),
    )
    of = shorten_library(own.library_text) if own.library_text else "an MPI"
    if size and free < need:
        mpich = find_family(own.library_text) == "MPICH"
        seen = f"{room}; {of} needs {_show(need)} for {ranks.size} rank(s)"
        yield (FULL if mpich else SHORT).found(seen, cure=cure)
    elif size and fit < own.machine.processors:
        seen = f"{room}; enough for {fit} rank(s) of {of} on {own.machine.processors} processors"
        yield LOW.found(seen, cure=cure)
    else:
        yield Finding.ok(f"{_show(size)} in {shared}, enough for {ranks.size} rank(s) of {of}")
    if unused:
        total = sum(path.lstat().st_blocks * 512 for path in unused)
        yield LEFTOVERS.found(
            f"{len(unused)} file(s) that no process uses, {_show(total)} of memory",
            cure=_remove(unused),
        )


def _remove(unused: Sequence[Path]) -> str:
    if len(unused) <= NAMED:
        return shlex.join(["rm", *map(str, unused)])
    return f"{sys.executable} -m hpcpy_doctor.looks.shared_files | xargs rm"


def _enlarge(own: Facts, shared: Path) -> str:
    if find_container(own.environ) is not None:
        return "docker run --shm-size=1g ..."
    return f"sudo mount -o remount,size=50% {shared}"


def _show(nbytes: int) -> str:
    return f"{nbytes / MIB / 1024:.3g} GiB" if nbytes >= 1024 * MIB else f"{nbytes / MIB:.3g} MiB"


CHECK = Check(
    name="shared_memory",
    title="Shared memory",
    scope="process",
    kinds=(FULL, SHORT, LOW, LEFTOVERS, NONE),
    run=look_at_shared_memory,
)
