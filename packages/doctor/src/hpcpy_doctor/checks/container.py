"""Which container the launch is in, and whether host and container fit each other."""

import shlex
import site
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

from hpcpy_doctor.check import Check
from hpcpy_doctor.facts import Facts
from hpcpy_doctor.finding import Finding, Kind
from hpcpy_doctor.looks.container import ROOT, Container, find_container
from hpcpy_doctor.looks.installed import Installed, list_installed
from hpcpy_doctor.looks.mounts import find_mount
from hpcpy_doctor.looks.start_again import start_again
from hpcpy_doctor.looks.vendors import find_family, shorten_library

__all__ = ["CHECK", "look_at_container"]

USER_PACKAGES = Kind(
    id="container-user-packages",
    level="warning",
    title="Packages of your home are seen in the container",
    cause="The container shows your home, and its Python looks into ~/.local before its own "
    "packages.",
    cure="export PYTHONNOUSERSITE=1",
    text="`pip install --user` on the host put them there, for another Python or another C "
    "library; they hide the image's packages of the same name. Apptainer passes the variable on "
    "into the container; `apptainer exec --no-home` hides all of the home.",
)
FROM_OUTSIDE = Kind(
    id="container-foreign-environment",
    level="warning",
    title="This Python's environment is not the image's",
    cause="A folder of the host is mounted over it, or PATH leads to an environment of the host.",
    cure="{command}",
    example="apptainer exec --contain image.sif hpcpy-doctor",
    text="Programs and libraries that were made for the host run with the C library of the image "
    "here, or hide what the image has at the same place. `findmnt` shows what is mounted where; "
    "leave out the `--bind` or `-v` that has that folder, or start the image's own Python by its "
    "full path.",
)
OWN_NAMESPACES = Kind(
    id="container-own-namespaces",
    level="warning",
    title="Each process is in a container with a user namespace of its own",
    cause="The host's launcher started one container for each process, and the kernel lets no "
    "process read the memory of one in another user namespace.",
    cure="{cure}",
    example="mpiexec -n 4 apptainer exec --sharens image.sif hpcpy-doctor",
    text="MPI copies large messages within a node once, by reading the other process's memory "
    "(cross-memory attach, CMA). Here that is refused: MPICH aborts with `process_vm_readv "
    "failed`, or hangs, unless MPIR_CVAR_CH4_CMA_ENABLE=0 says not to try; UCX needs "
    "UCX_POSIX_USE_PROC_LINK=n. `apptainer exec --sharens` puts all processes of a node into "
    "one namespace, which is faster.",
)
OTHER_VERSION = Kind(
    id="container-launcher-version",
    level="warning",
    title="The launcher outside is of another version of Open MPI than the library inside",
    cause="Both talk by PMIx, whose versions do not all understand each other.",
    cure="{command}",
    example="apptainer exec image.sif /path/to/env/bin/mpiexec -n 4 python program.py",
    text="Some pairs of versions work, others hang or abort in MPI_Init. On one node start "
    "mpiexec inside of the container. Over several nodes take an image whose Open MPI is of the "
    "host's major version, or `srun --mpi=pmix`.",
)

APPTAINERS = ("Apptainer", "Singularity")

SETTINGS = {
    "MPICH": ("MPIR_CVAR_CH4_CMA_ENABLE", "0"),
    "Open MPI": ("UCX_POSIX_USE_PROC_LINK", "n"),
}
"""By which a library gets on without reading the memory of another process."""


def look_at_container(
    facts: tuple[Facts, ...],
    *,
    root: Path = ROOT,
    installed: Callable[[], list[Installed]] = list_installed,
) -> Iterator[Finding]:
    """Compare the container with the host's launcher, and with what is mounted. Local.

    Parameters
    ----------
    facts
        Of the launch.
    root
        The root of the file system.
    installed
        Lists the distributions that Python finds.
    """
    own = facts[0]
    container = find_container(own.environ, root)
    findings = [*_check_namespaces(facts, container)]
    if container is not None:
        findings += _check_user_packages(installed())
        findings += _check_environment(own, container, root)
        findings += _check_launcher(own)
    yield from findings or [Finding.ok(str(container or "none"))]


def _check_namespaces(facts: tuple[Facts, ...], container: Container | None) -> Iterator[Finding]:
    """Look whether processes of one host are in several user namespaces."""
    own = facts[0]
    found = defaultdict(set)
    for one in facts:
        found[one.host].add(one.namespaces.get("user"))
    host, several = max(found.items(), key=lambda item: len(item[1]))
    variable, value = SETTINGS[find_family(own.library_text) or "MPICH"]
    if len(several) > 1 and own.environ.get(variable) != value:
        if container and container.image and container.kind in APPTAINERS:
            tool, image = container.kind.lower(), shlex.quote(container.image)
            cure = f"mpiexec -n {len(facts)} {tool} exec --sharens {image} hpcpy-doctor"
        else:
            cure = f"export {variable}={value}"
        seen = f"{len(several)} user namespaces on {host}, and {variable} is not {value}"
        yield OWN_NAMESPACES.found(seen, cure=cure)


def _check_user_packages(found: list[Installed]) -> Iterator[Finding]:
    """Look for what matters in the home's own packages."""
    if not site.ENABLE_USER_SITE:
        return
    folder = Path(site.getusersitepackages())
    if names := sorted({one.name for one in found if one.folder == folder}):
        yield USER_PACKAGES.found(f"{' and '.join(names)} in {folder}")


def _check_environment(own: Facts, container: Container, root: Path) -> Iterator[Finding]:
    """Look whether this Python is on a file system that was mounted into the image."""
    mount = find_mount(str(Path(sys.prefix).resolve()), root / "proc" / "self" / "mountinfo")
    if container.kind in APPTAINERS and mount and str(mount.path) != "/":
        image = shlex.quote(container.image or "IMAGE")
        command = f"{container.kind.lower()} exec --contain {image} hpcpy-doctor"
        seen = f"this Python is in {sys.prefix}, and {mount.path} is mounted from outside"
        yield FROM_OUTSIDE.found(seen, command=command)


def _check_launcher(own: Facts) -> Iterator[Finding]:
    """Compare the launcher's version with the library's."""
    outside = own.environ.get("OMPI_VERSION")
    if outside and find_family(own.library_text) == "Open MPI":
        library = shorten_library(own.library_text or "")
        if outside.partition(".")[0] != library.split()[-1].partition(".")[0]:
            command = start_again(own.library_text, own.launcher, own.size)
            seen = f"OMPI_VERSION={outside} outside, and {library} inside"
            yield OTHER_VERSION.found(seen, command=command)


CHECK = Check(
    name="container",
    title="Container",
    scope="job",
    kinds=(USER_PACKAGES, FROM_OUTSIDE, OWN_NAMESPACES, OTHER_VERSION),
    run=look_at_container,
)
