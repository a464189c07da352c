"""What a report leaves out at first: what is well, and what follows from what was found before."""

from collections.abc import Collection, Iterable, Sequence

from hpcpy_doctor.finding import PAGE, Finding
from hpcpy_doctor.merge import Merged, Section

__all__ = ["FOLLOWS", "KEY_CHECKS", "choose_first", "find_cause", "read_more"]

KEY_CHECKS = (
    *("processes", "python_packages", "mpi_library", "mpi_programs", "launcher", "mpi_jobs"),
    "this_launch",
)
"""Of these a line is shown where all is well, too: what runs here, and that it does."""

COMMANDS = 3

LIBRARY = (
    *("no-mpi4py", "no-mpi-library", "libmpi-missing", "mpiabi-without-library"),
    *("unsupported-abi", "mpi4py-compiled-for-other-mpi"),
    *("library-incomplete", "mpich-of-debian", "libraries-differ"),
)
LAUNCH = (
    *("foreign-launcher", "wrong-srun-plugin", "left-over-launcher-variables"),
    *("launcher-variables-lost", "processes-not-heard", "ranks-twice"),
)
MEMORY = ("shared-memory-full", "no-shared-memory", "process-limit")
JOB = (
    *("mpi-job-not-started", "mpi-init-dies", "mpi-init-hangs", "mpi-job-of-singletons"),
    *("shared-memory-crash", "mpi-messages-die", "mpi-messages-hang", "mpi-messages-wrong"),
)
PROGRAMS = ("hpcpy-mpiexec-wrong", "mpiexec-does-not-run", "no-mpiexec", "foreign-mpiexec-first")
OF_LAUNCH = ("launch-dies", "launch-hangs", "launch-wrong-size", "launch-wrong-values")

FOLLOWS = {
    "not-tried": (*LIBRARY, *PROGRAMS, *JOB),
    **dict.fromkeys(JOB, (*LIBRARY, *MEMORY, "hpcpy-mpiexec-wrong", "mpiexec-does-not-run")),
    "shared-memory-refused": ("shared-memory-short",),
    "spawn-fails": (*MEMORY, *JOB),
    "mpi-files-fail": JOB,
    "mpi-files-hang": JOB,
    **dict.fromkeys(OF_LAUNCH, (*LIBRARY, *LAUNCH, *MEMORY, *JOB)),
    "foreign-mpiexec-first": ("two-mpi-wheels",),
}
"""For a kind: those that explain it, where they were found before."""


def find_cause(finding: Finding, found: Collection[str]) -> str | None:
    """Return the first of what was found before from which a finding follows, or None. Local."""
    causes = FOLLOWS.get(finding.id or "", ())
    return next((id for id in found if id in causes), None)


def choose_first(sections: Iterable[Section]) -> Sequence[str]:
    """Return the commands to begin with: of the errors, or else of the warnings. Local.

    None for what follows from something else.
    """
    seen: list[str] = []
    chosen: list[Merged] = []
    for one in (one for section in sections for one in section.found):
        if one.finding.level in ("error", "warning") and not find_cause(one.finding, seen):
            chosen.append(one)
        seen.append(one.finding.id or "")
    for level in ("error", "warning"):
        cures = [one.finding.cure for one in chosen if one.finding.level == level]
        if commands := list(dict.fromkeys(cure for cure in cures if cure)):
            return commands[:COMMANDS]
    return []


def read_more(finding: Finding) -> str:
    """Return where more is said of a finding: a command, or the page of a site's own. Local."""
    docs = finding.docs or ""
    return f"hpcpy-doctor --explain {finding.id}" if docs.startswith(PAGE) else docs
