"""How many processes Open MPI starts here without being told to start more."""

import os
from collections.abc import Mapping
from pathlib import Path

__all__ = ["CPUS", "count_cores", "may_oversubscribe"]

CPUS = Path("/sys/devices/system/cpu")

POLICIES = ("PRTE_MCA_rmaps_default_mapping_policy", "OMPI_MCA_rmaps_base_mapping_policy")

TRUE = ("1", "true", "yes")


def count_cores(cpus: Path = CPUS) -> int:
    """Return how many cores this machine has: as many slots as Open MPI counts. Local.

    It counts all of them, also those that this process is not bound to.

    Parameters
    ----------
    cpus
        Where the kernel tells which processors share a core.
    """
    cores = {_read(file) for file in cpus.glob("cpu[0-9]*/topology/thread_siblings_list")}
    return len(cores) or os.cpu_count() or 1


def _read(file: Path) -> str:
    try:
        return file.read_text().strip()
    except OSError:  # it was switched off just now
        return ""


def may_oversubscribe(environ: Mapping[str, str]) -> bool:
    """Return whether more processes than cores are allowed, by the user's settings. Local."""
    if any("oversubscribe" in environ.get(name, "").lower() for name in POLICIES):
        return True
    return environ.get("OMPI_MCA_rmaps_base_oversubscribe", "").lower() in TRUE
