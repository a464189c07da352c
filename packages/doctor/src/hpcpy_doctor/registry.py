"""All checks: those in `hpcpy_doctor.checks`, and those that a site adds by an entry point."""

import sys
from collections.abc import Iterable
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType

from hpcpy_doctor.check import Check
from hpcpy_doctor.finding import Finding
from hpcpy_doctor.own_kinds import CHECK_FAILED, SITE_CHECK_BROKEN

__all__ = ["BUILT_IN", "GROUP", "load_checks"]

GROUP = "hpcpy_doctor.checks"
"""Of entry points, each of which names a `Check`, or a module that has one as ``CHECK``."""

BUILT_IN = (
    *("python_packages", "mpi_library", "mpi_programs", "launcher", "world", "slurm", "container"),
    *(
        "hosts",
        "cores",
        "threads",
        "limits",
        "shared_memory",
        "cross_memory",
        "network",
        "file_system",
    ),
    *("gpu", "cupy", "nccl", "mpi_jobs", "spawn", "mpi_files", "gpu_transport"),
)
"""The modules of `hpcpy_doctor.checks`, in the order of the report."""

TAKEN = ("processes", "broken_checks", "this_launch")
"""Names of what is no check, but is reported like one."""


def load_checks(
    found: Iterable[EntryPoint] | None = None,
) -> tuple[tuple[Check, ...], tuple[Finding, ...]]:
    """Import all checks. Local.

    Parameters
    ----------
    found
        The entry points of a site's own; None takes those of all installed distributions.

    Returns
    -------
    checks
        The built-in ones, then the others by their names.
    broken
        A finding for each that cannot be loaded.
    """
    checks: dict[str, Check] = {}
    broken = []
    for name in BUILT_IN:
        try:
            checks[name] = _take_check(import_module(f"hpcpy_doctor.checks.{name}"))
        except Exception as error:
            broken.append(CHECK_FAILED.found(f"{name}: {_describe(error)}", name=name))
    points = entry_points(group=GROUP) if found is None else found
    for point in sorted(points, key=lambda point: point.name):
        try:
            check = _take_check(point.load())
            if check.name in {*checks, *BUILT_IN, *TAKEN}:
                raise ValueError(f"there is a check {check.name} already")
        except Exception as error:
            broken.append(_say_broken(point, error))
        else:
            checks[check.name] = check
    return tuple(checks.values()), tuple(broken)


def _take_check(loaded: object) -> Check:
    check = getattr(loaded, "CHECK", None) if isinstance(loaded, ModuleType) else loaded
    if not isinstance(check, Check):
        raise TypeError(f"{loaded!r} is no Check, and has no CHECK")
    return check


def _say_broken(point: EntryPoint, error: Exception) -> Finding:
    distribution = point.dist.name if point.dist else "the distribution"
    return SITE_CHECK_BROKEN.found(
        f"{point.name} = {point.value} of {distribution}: {_describe(error)}",
        python=sys.executable,
        distribution=distribution,
    )


def _describe(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
