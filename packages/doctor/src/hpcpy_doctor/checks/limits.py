"""What this system lets a process do, against what MPI needs to start."""

from collections.abc import Callable, Iterable, Iterator

from hpcpy_core.limits import SHARED, find_limits
from hpcpy_doctor.check import Check
from hpcpy_doctor.facts import Facts
from hpcpy_doctor.finding import Finding, Kind

__all__ = ["CHECK", "look_at_limits"]

TOO_LOW = Kind(
    id="process-limit",
    level="error",
    title="A limit of this system is lower than what MPI needs to start",
    cause="MPI libraries answer such a limit by a signal, by silence, or by lines that do not "
    "name it.",
    cure="{cure}",
    example="ulimit -n 1024",
    text="The shell's `ulimit -a` shows the limits: open files (`-n`), the size of a file (`-f`), "
    "processes and threads (`-u`), the address space (`-v`). They are inherited, so set them "
    "before `mpiexec`; a batch system or a container may set its own. hpcpy's commands look at "
    "the same before MPI_Init, and name the first one that is too low.",
)


def look_at_limits(
    facts: tuple[Facts, ...], *, find: Callable[..., Iterable[str]] = find_limits
) -> Iterator[Finding]:
    """Name the limits that are too low; ``/dev/shm`` has a check of its own. Local.

    Parameters
    ----------
    facts
        Of this process.
    find
        Yields each of them in words that end with a colon and the cure.
    """
    own = facts[0]
    found = []
    for words in find(own.library_text or "", own.environ):
        if not words.startswith(str(SHARED)):
            seen, _, cure = words.rpartition(": ")
            found.append(TOO_LOW.found(seen, cure=cure.partition(", ")[0]))
    yield from found or [Finding.ok("open files, sizes of files, threads and memory suffice")]


CHECK = Check(name="limits", title="Limits", scope="process", kinds=(TOO_LOW,), run=look_at_limits)
