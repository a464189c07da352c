"""Expendable jobs: what may crash or hang is tried in a job of its own, under a deadline.

Starts no MPI in this process, and works inside a job as well as outside of one.
"""

import os
from collections.abc import Mapping, Sequence

from hpcpy_core.find_mpiexec import find_mpiexec
from hpcpy_core.launch import QUIET
from hpcpy_core.tools import run_tool

__all__ = ["MORE_RANKS_THAN_CORES", "run_expendable", "scrub"]

LAUNCHERS_OWN = (
    *("PMI_", "PMIX_", "OMPI_", "PRTE_", "HYDI_", "MPI_LOCAL", "SLURM_", "PALS_"),
    *("I_MPI_HYDRA_UUID", "I_MPI_INFO_", "I_MPI_INTERNAL_", "I_MPI_PIN_INFO", "I_MPI_PIN_MAPPING"),
    *("I_MPI_BIND_WIN_ALLOCATE", "I_MPI_RETURN_WIN_MEM_NUMA", "MPIR_CVAR_CH3_INTERFACE_HOSTNAME"),
)
"""Beginnings of the variables by which a launcher and its ranks find each other."""

NOT_THEIRS = ("PRTE_MCA_", "PMIX_MCA_", "SLURM_CONF")
"""Named like them, but the user's or the machine's."""

SET_BY_OPEN_MPI = (
    *("PREFIXES", "cpu_type", "ess", "initial_wdir", "mpi_oversubscribe", "num_procs"),
    *("orte_", "pmix", "shmem_RUNTIME_QUERY_hint"),
)
"""Beginnings of what mpirun of Open MPI 4 and 5 sets among the user's ``OMPI_MCA_``."""

OF_A_JOB = ("OMPI_COMM_WORLD_SIZE", "OMPI_UNIVERSE_SIZE", "PMIX_NAMESPACE", "PMIX_RANK")
"""Set for the processes of a job of Open MPI: outside of one, all settings are the user's."""

MORE_RANKS_THAN_CORES = {
    "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
    "PRTE_MCA_hwloc_default_binding_policy": "none",
    "OMPI_MCA_mpi_yield_when_idle": "1",
}
"""For Open MPI: such a job asks whether something works, not how fast."""

STARTS_SOONER = {"OMPI_MCA_btl": "^ofi"}
"""For Open MPI: where libfabric finds no network, this one sleeps for a second in MPI_Init."""


def run_expendable(ranks: int, argv: Sequence[str], seconds: float) -> str:
    """Run a small MPI job beside this one, and return what it printed. Local.

    Parameters
    ----------
    ranks
        How many.
    argv
        The program and its arguments.
    seconds
        After which the job is ended.

    Raises
    ------
    InputError
        If there is no mpiexec.
    HpcpyError
        If the job fails or takes too long.
    """
    command = [str(find_mpiexec()), "-n", str(ranks), *argv]
    environ = {**STARTS_SOONER, **scrub(os.environ), **MORE_RANKS_THAN_CORES}
    return run_tool(command, seconds, environ=environ)


def scrub(environ: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without the launcher's own variables. Local.

    With them, a nested mpiexec would take itself for a part of the job around it. What the
    user asks of MPI and of its launcher stays, such as ``OMPI_MCA_pml``, ``UCX_TLS`` or
    ``HYDRA_HOST_FILE``.
    """
    inside = any(name in environ for name in OF_A_JOB)
    return {name: environ[name] for name in environ if not _is_launchers(name, inside=inside)}


def _is_launchers(name: str, *, inside: bool) -> bool:
    """Tell whether a launcher sets it; ``inside`` of a job of Open MPI it sets more of them."""
    if name == QUIET[0]:
        return True
    if name.startswith("OMPI_MCA_"):
        return inside and name.removeprefix("OMPI_MCA_").startswith(SET_BY_OPEN_MPI)
    return name.startswith(LAUNCHERS_OWN) and not name.startswith(NOT_THEIRS)
