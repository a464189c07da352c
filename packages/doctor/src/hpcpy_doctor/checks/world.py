"""Whether the processes of the launch are as many as announced, and all alike."""

import re
import shlex
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

from hpcpy_doctor.check import Check
from hpcpy_doctor.facts import Facts
from hpcpy_doctor.finding import Finding, Kind
from hpcpy_doctor.looks.start_again import start_again
from hpcpy_doctor.looks.vendors import find_family, shorten_library
from hpcpy_doctor.merge import format_ranks

__all__ = ["CHECK", "look_at_world"]

RANKS_TWICE = Kind(
    id="ranks-twice",
    level="error",
    title="Several processes have the same rank",
    cause="The variables that tell a process its rank were handed on or set by hand: by `env`, "
    "a wrapper script, or a shell that was started inside of a job.",
    cure="{command}",
    example="/path/to/env/bin/mpiexec -n 4 python program.py",
    text="Two processes of one rank do the same part of the work, write the same file, and the "
    "other parts are missing. Look for `PMI_RANK=`, `OMPI_COMM_WORLD_RANK=` and `PMIX_RANK=` in "
    "the scripts between the launcher and the program.",
)
SIZES_DIFFER = Kind(
    id="sizes-differ",
    level="error",
    title="The processes were told different numbers of processes",
    cause="They come from several launches that run as one, or a wrapper changes the variables.",
    cure="{command}",
    example="/path/to/env/bin/mpiexec -n 4 python program.py",
    text="All processes of a launch are told the same size. Start them all by one command; for "
    "several programs in one job use `mpiexec -n 1 ./a : -n 3 ./b`.",
)
LIBRARIES_DIFFER = Kind(
    id="libraries-differ",
    level="error",
    title="The processes load different MPI libraries",
    cause="LD_LIBRARY_PATH, MPI4PY_LIBMPI or the installed packages differ between the nodes, or "
    "the launcher did not hand the variables on.",
    cure="{command}",
    example="/path/to/env/bin/mpiexec -n 4 env MPI4PY_LIBMPI=/path/to/env/lib/libmpi.so.12 python "
    "program.py",
    text="Processes with different MPIs cannot talk: MPI_Init aborts or hangs. Open MPI's "
    "`mpirun` hands on a variable to other nodes by `-x LD_LIBRARY_PATH`; MPICH's hands on all. "
    "An environment on a file system that all nodes share is the same everywhere.",
)
PYTHONS_DIFFER = Kind(
    id="pythons-differ",
    level="warning",
    title="The processes run different Pythons or packages",
    cause="PATH or the installed environments differ between the nodes, or one node was "
    "updated later.",
    cure="{command}",
    example="/path/to/env/bin/mpiexec -n 4 python program.py",
    text="Objects that are pickled by one version may not be read by another, and results may "
    "differ. Start the program with the full path of one environment that all nodes see.",
)
FOLDERS_DIFFER = Kind(
    id="folders-differ",
    level="warning",
    title="The processes are in different working directories",
    cause="The launcher could not enter the working directory on some nodes, and took another "
    "one, or a wrapper changes it.",
    cure="{command}",
    example="/path/to/env/bin/mpiexec -n 4 env --chdir=/path/to/folder python program.py",
    text="Relative names of files then mean different files. Start the job in a folder that all "
    "nodes see, or name it: `mpiexec -wdir`, `srun --chdir`.",
)


def look_at_world(facts: tuple[Facts, ...]) -> Iterator[Finding]:
    """Compare what the processes that were heard say of themselves. Local.

    Who was announced and not heard is told by the doctor itself.
    """
    own = facts[0]
    again = start_again(own.library_text, own.launcher, own.size)
    findings = []
    ranks = Counter(one.rank for one in facts)
    if own.launcher and max(ranks.values()) > 1:
        several = format_ranks(rank for rank, count in ranks.items() if count > 1)
        seen = f"{len(facts)} processes, and more than one of {several} of {own.size}"
        findings.append(RANKS_TWICE.found(seen, command=again))
    place = shlex.quote(own.library_path or "")
    for kind, describe, command in (
        (SIZES_DIFFER, lambda one: f"{one.size} processes", again),
        (LIBRARIES_DIFFER, _tell_library, _before_program(again, f"env MPI4PY_LIBMPI={place}")),
        (PYTHONS_DIFFER, _tell_python, again),
        (
            FOLDERS_DIFFER,
            lambda one: one.folder,
            _before_program(again, f"env --chdir={shlex.quote(own.folder)}"),
        ),
    ):
        said = _group(facts, describe)
        if len(said) > 1:
            seen = "; ".join(f"{format_ranks(who)}: {what}" for what, who in said.items())
            findings.append(kind.found(seen, command=command))
    yield from findings or [Finding.ok(_describe(facts))]


def _group(facts: tuple[Facts, ...], describe: Callable[[Facts], str]) -> dict[str, list[int]]:
    """Return the ranks of those who say the same."""
    said = defaultdict(list)
    for one in facts:
        said[describe(one)].append(one.rank)
    return said


def _tell_library(one: Facts) -> str:
    """Name it without its path, which may differ where the library does not."""
    if one.library_text is None:
        return "none"
    name = shorten_library(one.library_text)
    return name if find_family(one.library_text) else one.library_text[:80]


def _tell_python(one: Facts) -> str:
    told = ", ".join(f"{name} {version}" for name, version in one.versions.items())
    return f"{one.python} ({told})"


def _before_program(command: str, words: str) -> str:
    """Put words between the launcher's part of a command and the program."""
    return re.sub(r"( -n \d+ )", rf"\1{words} ", command, count=1)


def _describe(facts: tuple[Facts, ...]) -> str:
    if len(facts) == 1:
        return "one process"
    hosts = sorted({one.host for one in facts})
    return f"{len(facts)} processes on {len(hosts)} host{'s' if len(hosts) > 1 else ''}, all alike"


CHECK = Check(
    name="world",
    title="World",
    scope="job",
    kinds=(RANKS_TWICE, SIZES_DIFFER, LIBRARIES_DIFFER, PYTHONS_DIFFER, FOLDERS_DIFFER),
    run=look_at_world,
)
