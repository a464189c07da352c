"""What started this process, and whether its library can talk to that."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from hpcpy_core.errors import LaunchError
from hpcpy_core.launch import check_library, read_announcement
from hpcpy_doctor.check import Check
from hpcpy_doctor.facts import Facts
from hpcpy_doctor.find_launch import LAUNCHERS
from hpcpy_doctor.finding import Finding
from hpcpy_doctor.looks import launcher_kinds as kinds
from hpcpy_doctor.looks.count_slots import CPUS, count_cores, may_oversubscribe
from hpcpy_doctor.looks.left_over import describe_left_over
from hpcpy_doctor.looks.protocols import list_offered, list_spoken
from hpcpy_doctor.looks.start_again import start_again
from hpcpy_doctor.looks.vendors import find_family, shorten_library
from hpcpy_doctor.process import list_ancestors

__all__ = ["CHECK", "look_at_launcher"]

SRUN = "srun"
"""As the launch check calls it."""

ROOT = ("OMPI_ALLOW_RUN_AS_ROOT", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM")

HYDRAS = "${!PMI_@} ${!MPI_LOCAL@} ${!HYDI_@}"
"""What MPICH's launcher sets, as bash lists it."""

OPEN_MPIS = "${!PMIX_@} ${!OMPI_COMM_@} OMPI_UNIVERSE_SIZE"

EXAMPLE_RANKS = 4
"""Of the examples everywhere: whoever has fewer slots meets the refusal at once."""


def look_at_launcher(
    facts: tuple[Facts, ...],
    *,
    is_root: bool | None = None,
    cpus: Path = CPUS,
    left_over: Callable[[Mapping[str, str]], str | None] = describe_left_over,
    ancestors: Callable[[], Iterable[tuple[int, str]]] = list_ancestors,
) -> Iterator[Finding]:
    """Say who started this process, and whether the library can talk to that. Local.

    Parameters
    ----------
    facts
        Of this process.
    is_root
        None looks at this process's user.
    cpus
        Where the kernel tells which processors share a core.
    left_over
        Tells whether nobody listens where the launcher's variables lead to.
    ancestors
        Yields number and name of the processes that started this one, the nearest first.
    """
    own = facts[0]
    root = os.geteuid() == 0 if is_root is None else is_root
    if seen := left_over(own.environ):
        findings = [kinds.LEFT_OVER.found(seen, cure=f"unset {HYDRAS} {OPEN_MPIS}")]
    else:
        findings = [*_check_lost(own, ancestors), *_check_protocol(own), *_check_two(own)]
    if find_family(own.library_text) == "Open MPI":
        findings += _check_open_mpi(own, root=root, cpus=cpus)
    yield from findings or [Finding.ok(_describe(own))]


def _check_lost(
    own: Facts, ancestors: Callable[[], Iterable[tuple[int, str]]]
) -> Iterator[Finding]:
    """Look for a launcher above, of which no variable tells."""
    if own.launcher is None and not list_offered(own.environ):
        above = (name for _, name in ancestors() if name in LAUNCHERS)
        if name := next(above, None):
            command = start_again(own.library_text, None, EXAMPLE_RANKS)
            yield kinds.LOST.found(
                f"{name} started this, and no variable tells of it", command=command
            )


def _check_protocol(own: Facts) -> Iterator[Finding]:
    """Compare what the launcher offers with what the library speaks."""
    if own.library_text is None:
        return
    offered, spoken = list_offered(own.environ), list_spoken(own.library_text)
    try:
        check_library(own.library_text, read_announcement(own.environ), own.environ)
        deaf = own.size > 1 and not set(offered) & set(spoken)
    except LaunchError:
        deaf = True
    if deaf:
        started = f"{own.launcher or 'a PMIx launcher'} started {_count(own.size)} and offers "
        library = f"{shorten_library(own.library_text)} speaks {' and '.join(spoken)}"
        kind = kinds.WRONG_PLUGIN if own.launcher == SRUN else kinds.FOREIGN
        yield kind.found(
            f"{started}{' and '.join(offered) or 'no PMI'}, but {library}",
            command=start_again(own.library_text, own.launcher, own.size),
        )


def _check_two(own: Facts) -> Iterator[Finding]:
    """Look for the marks of Open MPI's launcher and of Hydra together."""
    if {"OMPI_COMM_WORLD_SIZE", "MPI_LOCALNRANKS"} <= own.environ.keys():
        sizes = (f"{name}={own.environ.get(name)}" for name in ("OMPI_COMM_WORLD_SIZE", "PMI_SIZE"))
        outer = HYDRAS if list_spoken(own.library_text) == ("PMIx",) else OPEN_MPIS
        yield kinds.TWO.found(f"{' and '.join(sizes)} are both set", outer=outer)


def _check_open_mpi(own: Facts, *, root: bool, cpus: Path) -> Iterator[Finding]:
    environ = own.environ
    if own.launcher is None and root and not all(environ.get(name) == "1" for name in ROOT):
        yield kinds.AS_ROOT.found(f"the user is root, and {' and '.join(ROOT)} are not both 1")
    slots = count_cores(cpus)
    alone = own.launcher is None and "SLURM_JOB_ID" not in environ
    if alone and slots < EXAMPLE_RANKS and not may_oversubscribe(environ):
        yield kinds.FEW_SLOTS.found(f"{slots} slot(s), so `mpiexec -n {slots + 1}` is refused")
    had, here = environ.get("OMPI_UNIVERSE_SIZE", ""), environ.get("OMPI_COMM_WORLD_LOCAL_SIZE", "")
    cores_suffice = here.isdigit() and int(here) <= len(own.cores)
    if cores_suffice and had.isdigit() and own.size > int(had):
        yield kinds.MORE_THAN_SLOTS.found(
            f"{own.size} processes, but OMPI_UNIVERSE_SIZE={had}",
            command=start_again(own.library_text, own.launcher, int(had)),
        )


def _describe(own: Facts) -> str:
    if own.launcher is None:
        return "none, this is one process on its own"
    offered = " and ".join(list_offered(own.environ)) or "no PMI"
    return f"{own.launcher}, {_count(own.size)}, {offered}"


def _count(size: int) -> str:
    return f"{size} process{'es' if size > 1 else ''}"


CHECK = Check(
    name="launcher",
    title="Launcher",
    scope="process",
    kinds=(
        kinds.FOREIGN,
        kinds.WRONG_PLUGIN,
        kinds.LEFT_OVER,
        kinds.LOST,
        kinds.TWO,
        kinds.AS_ROOT,
        kinds.FEW_SLOTS,
        kinds.MORE_THAN_SLOTS,
    ),
    run=look_at_launcher,
)
