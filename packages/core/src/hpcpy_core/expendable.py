"""Expendable jobs: what may crash or hang is tried in a job of its own, under a deadline.

Starts no MPI in this process, and works inside a job as well as outside of one.
"""

import os
from collections.abc import Mapping, Sequence

from hpcpy_core.tools import find_tool, run_tool

__all__ = ["run_expendable", "scrub"]

LAUNCHERS_OWN = ("PMI_", "PMIX_", "OMPI_", "PRTE_", "HYDI_", "HYDRA_", "MPI_LOCAL", "SLURM_")
"""Beginnings of the variables by which a launcher and its ranks find each other."""

OF_THE_SITE = ("SLURM_CONF",)
"""Named like them, but the machine's."""

MORE_RANKS_THAN_CORES = {
    "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
    "PRTE_MCA_hwloc_default_binding_policy": "none",
    "OMPI_MCA_mpi_yield_when_idle": "1",
}
"""For Open MPI: such a job asks whether something works, not how fast."""


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
    command = [str(find_tool("mpiexec")), "-n", str(ranks), *argv]
    return run_tool(command, seconds, environ={**scrub(os.environ), **MORE_RANKS_THAN_CORES})


def scrub(environ: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without the launcher's own variables. Local.

    With them, a nested mpiexec would take itself for a part of the job around it.
    """
    return {
        name: value
        for name, value in environ.items()
        if name in OF_THE_SITE or not name.startswith(LAUNCHERS_OWN)
    }
