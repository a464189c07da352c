"""What can be known about MPI_Comm_spawn here before it is called. Local.

Called where it cannot work it may end the job, raise, or wait for ever, as the MPI, its
launcher and the container have it. What is looked at costs nothing and starts nothing.
"""

import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mpi4py import MPI

from hpcpy_core.launch import read_announcement
from hpcpy_spawn_pi.launcher import Launcher, find_launcher
from hpcpy_spawn_pi.parameters import MOST_PER_CORE, MOST_WORKERS

__all__ = ["SRUN", "Situation", "look_around"]

SRUN = "srun"
"""As the launch check calls it. Its universe is the running step, so it tells of no slots."""

MPIRUN = "mpirun of Open MPI"
"""As the launch check calls it."""

CONTAINERS = {"APPTAINER_CONTAINER": "Apptainer", "SINGULARITY_CONTAINER": "Singularity"}


@dataclass(frozen=True, kw_only=True)
class Situation:
    """What this process was started by and in.

    Attributes
    ----------
    vendor
        Of the MPI library: ``MPICH``, ``Open MPI`` and others.
    launcher
        What started this job, as the launch check calls it; None for a singleton.
    free_slots
        Processes that the launcher may still start; None where it counts none.
    container
        The container that this process is in; None outside.
    outside
        Whether the launcher is outside that container.
    step_waits
        Whether it is srun, and a new job step would wait until this one ends.
    own_mpiexec
        Whether a singleton's MPI starts an mpiexec of its own to spawn: MPICH, from PATH.
    cores
        That this process may use; 0 where that does not matter.
    """

    vendor: str
    launcher: str | None
    free_slots: int | None
    container: str | None
    outside: bool
    step_waits: bool
    own_mpiexec: bool = False
    cores: int = 0

    def find_obstacle(self, workers: int) -> str | None:
        """Return why this many processes cannot be spawned here and what helps, or None."""
        if self.launcher is None and not self.own_mpiexec:
            return (
                "this process was started without a launcher, and who should start others? "
                "Start it with `mpiexec -n 1`"
            )
        if workers > MOST_WORKERS:
            return f"{workers} workers, but at most {MOST_WORKERS} new processes are watched"
        most = MOST_PER_CORE * self.cores
        if self.free_slots is None and most and workers > most:
            return (
                f"{workers} workers, but this process may use {self.cores} cores: more than "
                f"{MOST_PER_CORE} for each are started only where the launcher counts its slots, "
                f"as `mpiexec -usize {workers + 1}` of MPICH does"
            )
        if self.outside:
            return (
                f"its launcher is outside this container ({self.container}), and would start "
                "workers there: start mpiexec inside, as in `apptainer exec IMAGE mpiexec -n 1`"
            )
        if self.step_waits:
            return (
                "srun starts workers as a job step of their own, which waits until this one ends: "
                f"allocate {workers} tasks more, and set SLURM_OVERLAP=1 before srun"
            )
        if self.free_slots is not None and workers > self.free_slots:
            return (
                f"{workers} workers, but {self.launcher} has {self.free_slots} free slots: give "
                "it more, with `--map-by :OVERSUBSCRIBE` or `--host localhost:N --bind-to none`"
                + (f", or choose --workers {self.free_slots}" if self.free_slots > 0 else "")
            )
        return None


def look_around(comm: MPI.Intracomm, environ: Mapping[str, str] = os.environ) -> Situation:
    """Return what can be seen from here. Local.

    Parameters
    ----------
    comm
        Of all ranks of the job: it knows how many slots the launcher had.
    environ
        The launcher's and the container's variables.
    """
    announcement = read_announcement(environ)
    launcher = find_launcher()
    container = _find_container(environ)
    name = announcement.launcher if announcement else None
    vendor = MPI.get_vendor()[0]
    if vendor == "Open MPI" and name not in (SRUN, MPIRUN):
        name = None  # MPICH's launcher started one process: to Open MPI it is without launcher
    unlimited = name == SRUN or (launcher is not None and _oversubscribes(launcher))
    # A singleton's MPICH would start an mpiexec of its own to answer this, or hang without one.
    universe = comm.Get_attr(MPI.UNIVERSE_SIZE) if name else None
    return Situation(
        vendor=vendor,
        launcher=name,
        free_slots=None if unlimited or universe is None else max(0, universe - comm.size),
        container=container,
        outside=name is not None
        and container is not None
        and (launcher is None or launcher.outside),
        step_waits=name == SRUN and environ.get("SLURM_OVERLAP") != "1",
        cores=len(os.sched_getaffinity(0)),
        own_mpiexec=name is None and vendor == "MPICH" and shutil.which("mpiexec") is not None,
    )


def _oversubscribes(launcher: Launcher) -> bool:
    """Return whether Open MPI's mpirun was told to start more processes than it has slots."""
    policies = [word for word in launcher.variables if "_MCA_rmaps_" in word.partition("=")[0]]
    words = (*launcher.command, *policies)
    return any(re.search("(?<!no)oversubscribe", word.lower()) for word in words)


def _find_container(environ: Mapping[str, str]) -> str | None:
    for variable, name in CONTAINERS.items():
        if variable in environ:
            return name
    if Path("/.dockerenv").exists():
        return "Docker"
    return "Podman" if Path("/run/.containerenv").exists() else None
