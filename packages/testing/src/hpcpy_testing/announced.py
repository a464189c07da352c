"""The rank that the launcher announced in the environment, known before MPI is initialised."""

import os
from collections.abc import Mapping

__all__ = ["announced_rank"]

RANK_VARIABLES = ("PMI_RANK", "OMPI_COMM_WORLD_RANK", "PMIX_RANK", "SLURM_PROCID")


def announced_rank(environ: Mapping[str, str] = os.environ) -> int | None:
    """Return this process's rank, or None outside an MPI job. Local."""
    for name in RANK_VARIABLES:
        if environ.get(name, "").isdecimal():
            return int(environ[name])
    return None
