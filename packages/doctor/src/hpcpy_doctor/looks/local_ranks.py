"""How many processes of a launch are on this host, and which one this is, as the launcher says."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["LocalRanks", "read_local_ranks"]

VARIABLES = (
    ("OMPI_COMM_WORLD_LOCAL_SIZE", "OMPI_COMM_WORLD_LOCAL_RANK"),
    ("MPI_LOCALNRANKS", "MPI_LOCALRANKID"),
)

STEP = re.compile(r"(\d+)(?:\(x(\d+)\))?")
"""Of SLURM_STEP_TASKS_PER_NODE: ``4(x2),3`` is 4, 4 and 3."""


@dataclass(frozen=True, kw_only=True)
class LocalRanks:
    """The processes of the launch that are on this host."""

    size: int = 1
    rank: int = 0


def read_local_ranks(environ: Mapping[str, str]) -> LocalRanks:
    """Return what the launcher announced; one process where nobody did. Local."""
    for size, rank in VARIABLES:
        try:
            return LocalRanks(size=int(environ[size]), rank=int(environ[rank]))
        except (KeyError, ValueError):
            continue
    try:
        return _read_slurm(environ)
    except (KeyError, ValueError, IndexError):
        return LocalRanks()


def _read_slurm(environ: Mapping[str, str]) -> LocalRanks:
    sizes: list[int] = []
    for size, times in STEP.findall(environ["SLURM_STEP_TASKS_PER_NODE"]):
        sizes += [int(size)] * int(times or 1)
    node, rank = int(environ["SLURM_NODEID"]), int(environ["SLURM_LOCALID"])
    return LocalRanks(size=sizes[node], rank=rank)
