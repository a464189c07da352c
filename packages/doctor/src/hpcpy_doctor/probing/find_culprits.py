"""Find the variables without which an expendable job works. Starts no MPI in this process."""

import os
from collections.abc import Callable, Collection, Mapping
from time import monotonic

from hpcpy_core.expendable import scrub

__all__ = ["find_culprits", "list_settings"]

SETTINGS = (
    *("OMPI_MCA_", "PRTE_MCA_", "PMIX_MCA_", "MPIR_CVAR_", "MPICH_", "I_MPI_", "UCX_", "FI_"),
    *("HCOLL_", "PSM2_", "PSM3_", "LD_PRELOAD"),
)
"""Beginnings of the variables by which users and sites change what MPI does."""


def list_settings(environ: Mapping[str, str] = os.environ) -> list[str]:
    """Return the names of the settings of MPI that are in force. Local."""
    return sorted(name for name in scrub(environ) if name.startswith(SETTINGS))


def find_culprits(works: Callable[[Collection[str]], bool], seconds: float) -> list[str]:
    """Return the settings that must be unset to make it work, or none. Local.

    Parameters
    ----------
    works
        Whether it does so without some variables.
    seconds
        After which no more is tried: all settings together are then to blame.
    """
    settings, began = list_settings(), monotonic()
    if not settings or not works(settings):
        return []
    for name in settings if len(settings) > 1 else ():
        if monotonic() - began > seconds:
            break
        if works([name]):
            return [name]
    return settings
