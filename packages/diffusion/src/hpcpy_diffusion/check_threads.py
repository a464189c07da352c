"""Refuse threads by the thousand, where there are two cores. No MPI."""

import os
from math import ceil
from pathlib import Path

from hpcpy_core.errors import InputError

__all__ = ["check_threads", "count_usable_cores"]

PER_CORE = 4
"""Threads a core at most: somewhat more of them than cores is slow, but harmless."""


def check_threads(threads: int, *, force: bool | None = False) -> None:
    """Refuse more threads than this process has any use for. Local.

    Parameters
    ----------
    threads
        In this process.
    force
        Whether the user insists; None where the command has no such option.

    Raises
    ------
    InputError
        With the numbers, unless `force`.
    """
    cores = count_usable_cores()
    if threads > PER_CORE * cores and not force:
        raise InputError(
            f"{threads} threads: this process may use {cores} core{'s' if cores > 1 else ''}: "
            f"give --threads {cores}" + ("" if force is None else ", or --force")
        )


def count_usable_cores(groups: Path = Path("/sys/fs/cgroup"), proc: Path = Path("/proc")) -> int:
    """Return the cores of this process: of its affinity, and of its share of time. Local.

    Parameters
    ----------
    groups, proc
        Where the kernel shows its control groups, version 1 or 2, and its processes.
    """
    cores = len(os.sched_getaffinity(0))
    try:
        own = (proc / "self" / "cgroup").read_text().rpartition("0::/")[2].strip()
    except OSError:
        own = ""
    group = groups / own
    for each in (group, *group.parents):
        if each.is_relative_to(groups):
            cores = min(cores, _read_quota(each) or cores)
    return min(cores, _read_quota_1(groups / "cpu") or cores)


def _read_quota(group: Path) -> int | None:
    try:
        quota, period = (group / "cpu.max").read_text().split()
        return None if quota == "max" else max(1, ceil(int(quota) / int(period)))
    except (OSError, ValueError):
        return None


def _read_quota_1(group: Path) -> int | None:
    try:
        quota, period = (int((group / f"cpu.cfs_{n}_us").read_text()) for n in ("quota", "period"))
        return None if quota <= 0 else max(1, ceil(quota / period))
    except (OSError, ValueError):
        return None
