"""Check that this is the world that the launcher announced.

The commonest accident of the field: N processes were started, and every one of
them believes that it is rank 0 of 1, because the launcher of one MPI started
programs of another, or srun used the wrong PMI plugin. The work is then done N
times, into the same files. Here it ends before any work, with one message.

Importing this module does not initialise MPI.
"""

import os
import shlex
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import sleep
from types import ModuleType

from hpcpy_core.errors import LaunchError
from hpcpy_core.limits import check_limits
from hpcpy_core.site_library import explain_ignored, explain_unloaded

__all__ = [
    "QUIET",
    "Announcement",
    "check_library",
    "check_world",
    "end_launch",
    "import_mpi",
    "mend_launch",
    "read_announcement",
]

MPICHS = ("MPICH", "MVAPICH", "Intel(R) MPI")
"""Libraries of MPICH's family, as they call themselves; Cray's has MPICH in its name."""

QUIET = ("OMPI_MCA_osc_ucx_verbose", "-1")
"""Else Open MPI without UCX on the network prints an error for every window, and then makes it."""

SECONDS_TO_END = 5
"""For Hydra to end the job that it was told to end."""

SECONDS_TO_FORWARD = 1
"""For Hydra to pass on what this process has said: what waits when a job ends is lost."""


@dataclass(frozen=True, kw_only=True)
class Announcement:
    """What the launcher's environment variables say about this process."""

    launcher: str
    variable: str
    size: int
    rank: int


def read_announcement(environ: Mapping[str, str] = os.environ) -> Announcement | None:
    """Return what the launcher announced, or None without a launcher. Local.

    The innermost launcher wins: mpiexec inside a Slurm step sets its own
    variables and leaves Slurm's as they were.
    """
    hydra = "MPI_LOCALNRANKS" in environ
    slurm = "SLURM_STEP_ID" in environ and not hydra
    for launcher, size, rank in (
        ("mpirun of Open MPI", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"),
        ("srun" if slurm else "mpiexec of MPICH (Hydra)", "PMI_SIZE", "PMI_RANK"),
        ("srun", "SLURM_STEP_NUM_TASKS", "SLURM_PROCID"),
    ):
        try:
            return Announcement(
                launcher=launcher, variable=size, size=int(environ[size]), rank=int(environ[rank])
            )
        except (KeyError, ValueError):
            continue
    return None


def check_library(
    library: str, announcement: Announcement | None, environ: Mapping[str, str] = os.environ
) -> None:
    """Refuse a launch that would die inside MPI_Init. Local, before MPI_Init.

    Parameters
    ----------
    library
        The text of MPI_Get_library_version.
    announcement
        From `read_announcement`.
    environ
        The launcher's variables.

    Raises
    ------
    LaunchError
        For an MPICH without PMIx under a launcher that speaks only PMIx:
        MPI_Init would abort the process with an internal error.
    """
    speaks_pmix_only = "PMIX_RANK" in environ and "PMI_RANK" not in environ
    if library.startswith("MPICH") and "pmix" not in library.lower() and speaks_pmix_only:
        size = announcement.size if announcement else 1
        launcher = announcement.launcher if announcement else "a PMIx launcher"
        raise LaunchError(
            f"{launcher} started this program, but its MPI library is {_name(library)}, which "
            f"cannot talk to that launcher. {_mend(library, launcher, size)}"
        )


def check_world(library: str, size: int, announcement: Announcement | None) -> None:
    """Refuse N processes that are N worlds of one. Local, after MPI_Init.

    Raises
    ------
    LaunchError
        If the launcher announced several processes and MPI says there is one.
    """
    if announcement is not None and announcement.size > 1 and size == 1:
        raise LaunchError(
            f"{announcement.launcher} started {announcement.size} processes "
            f"({announcement.variable}={announcement.size}), but MPI says that each is alone "
            f"(size 1), so the work would be done {announcement.size} times: the MPI library is "
            f"{_name(library)}. {_mend(library, announcement.launcher, announcement.size)}"
        )


def import_mpi(environ: Mapping[str, str] = os.environ) -> ModuleType:
    """Check the launch, initialise MPI and return `mpi4py.MPI`. Collective.

    Raises
    ------
    LaunchError
        If no MPI library can be loaded, or `check_library` or `check_world` refuse.
    """
    import mpi4py

    if "mpi4py.MPI" not in sys.modules:
        mpi4py.rc.initialize = False  # the library's name is checked before MPI_Init
        mpi4py.rc.finalize = True
    try:
        with _without_warnings():
            from mpi4py import MPI
    except (ImportError, RuntimeError) as error:
        raise LaunchError(explain_unloaded(str(error), environ), lone=True) from error
    if ignored := explain_ignored(environ):
        raise LaunchError(ignored, lone=True)
    library = MPI.Get_library_version()
    announcement = read_announcement(environ)
    check_library(library, announcement, environ)
    if not MPI.Is_initialized():
        check_limits(library, environ)
        os.environ.setdefault(*QUIET)
        with _without_warnings():
            MPI.Init_thread()
    check_world(library, MPI.COMM_WORLD.size, announcement)
    return MPI


def end_launch(exit_code: int, environ: Mapping[str, str] = os.environ) -> None:
    """Have the launcher end the job of a process that cannot start MPI. Local, last of all.

    mpiexec of Open MPI does it when this process exits with a code. Hydra does not, and the
    other ranks would wait in MPI_Init for ever: it is told over the descriptor by which
    MPI_Init speaks to it.
    """
    if "MPI_LOCALNRANKS" not in environ or _is_initialized():
        return
    with suppress(OSError, ValueError, KeyError):
        sleep(SECONDS_TO_FORWARD)
        os.write(int(environ["PMI_FD"]), f"cmd=abort exitcode={exit_code}\n".encode())
        sleep(SECONDS_TO_END)  # it ends this process, too


def _is_initialized() -> bool:
    found = sys.modules.get("mpi4py.MPI")
    return found is not None and bool(found.Is_initialized())


def mend_launch(library: str, launcher: str, size: int) -> str:
    """Return the command that starts this program so that its processes are one job. Local.

    Parameters
    ----------
    library
        The text of MPI_Get_library_version.
    launcher
        Who started this process, as `Announcement` names it: ``srun`` stays, with the plugin
        for that library, and everything else becomes the library's own mpiexec.
    size
        The number of processes.
    """
    command = shlex.join(_own_command())
    image = os.environ.get("APPTAINER_CONTAINER")
    inside = f"apptainer exec {shlex.quote(image)} " if image else ""
    if launcher == "srun":
        plugin = "pmi2" if _is_of_mpich(library) else "pmix"
        return f"srun --mpi={plugin} -n {size} {inside}{command}"
    if beside := _find_beside(library):
        return f"{inside}{beside} -n {size} {command}"
    return f"mpiexec -n {size} {inside}{command}"


@contextmanager
def _without_warnings() -> Iterator[None]:
    """Silence mpi4py's word on a foreign launcher: ours comes once, and with the cure."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        yield


def _name(library: str) -> str:
    """Shorten MPI_Get_library_version to a name and a version."""
    words = library.split(",")[0].split("\n")[0].replace("Version:", "").split()
    return " ".join(words[:4])


def _mend(library: str, launcher: str, size: int) -> str:
    """Say how to start this program with the launcher of its own library."""
    whose = "" if launcher == "srun" or _find_beside(library) else " the mpiexec of that library"
    return f"Start it with{whose}: {mend_launch(library, launcher, size)}"


def _find_beside(library: str) -> Path | None:
    """Return the mpiexec beside this Python, if it is the one of that library."""
    beside = Path(sys.prefix) / "bin"
    own = "mpiexec.hydra" if _is_of_mpich(library) else "prterun"
    return beside / "mpiexec" if (beside / own).exists() else None


def _is_of_mpich(library: str) -> bool:
    """Tell whether a library is MPICH, or made of it, and so speaks PMI."""
    return any(name in library for name in MPICHS)


def _own_command() -> list[str]:
    """Return this process's command line as its user would type it."""
    interpreter, *arguments = sys.orig_argv
    is_script = bool(arguments) and os.access(arguments[0], os.X_OK)
    return arguments if is_script else [interpreter, *arguments]
