"""Whether a small MPI job works: start, messages, sums, and the speed of messages on one node."""

import re
from collections.abc import Callable, Collection, Iterator
from functools import partial

from hpcpy_core.find_mpiexec import find_mpiexec
from hpcpy_doctor.check import Check
from hpcpy_doctor.facts import Facts
from hpcpy_doctor.finding import Finding, Kind
from hpcpy_doctor.probing import cures
from hpcpy_doctor.probing import job_kinds as kinds
from hpcpy_doctor.probing.find_culprits import find_culprits
from hpcpy_doctor.probing.find_words import find_words
from hpcpy_doctor.probing.run_probe import Outcome, run_probe
from hpcpy_doctor.probing.speeds import read_speeds
from hpcpy_doctor.probing.sweep_shared import SHARED, free_shared
from hpcpy_doctor.probing.try_in_job import NOT_TRIED, try_in_job

__all__ = ["CHECK", "try_mpi_job"]

SECONDS = 8.0
"""Of one job, which takes about one."""

RETRY_SECONDS = 5.0
SEARCH = 16.0
"""For the settings that are to blame, where it does not work."""

RANKS = 2
TRIALS = ("p2p", "allreduce", "bandwidth")

SLOW_INIT = 3.0

LITTLE = 64 * 2**20
"""Bytes of /dev/shm: where there were less, a bus error comes from there."""

REFUSED = re.compile(r"not enough space for (\S+)")
"""Open MPI's words."""

COMPLAINT = re.compile(
    r"^.*(requested component was not found|is not recognized|Invalid character|unrecognized)",
    re.MULTILINE,
)
"""Words of launchers on a setting that they do without."""

Again = Callable[..., Outcome]
"""Runs the job once more, ``without`` some variables."""


def try_mpi_job(
    facts: tuple[Facts, ...], *, run: Callable[..., Outcome] = run_probe
) -> Iterator[Finding]:
    """Run a job of two ranks beside this launch, and say how it went. Local.

    Parameters
    ----------
    facts
        The first is of this process.
    run
        Runs the probe.
    """
    own, free = facts[0], free_shared()
    tried = try_in_job(
        "a job of 2 ranks", own, lambda: run(RANKS, TRIALS, SECONDS), about_start=True
    )
    if isinstance(tried, Finding):
        yield tried
        return
    again = partial(run, RANKS, TRIALS, RETRY_SECONDS)
    command = f"{find_mpiexec()} -n {RANKS}"
    sizes = {str(size) for size in tried.find("world", "size")}
    if sizes - {str(RANKS)}:
        seen = f"{command}: MPI says that the world has {' or '.join(sizes)}"
        yield kinds.MPI_JOB_OF_SINGLETONS.found(seen, cure=cures.mend_launcher(own))
    elif tried.stopped_in and tried.bus_error and free < LITTLE:
        seen = f"{command}: bus error in the stage {tried.stopped_in}; {SHARED} has "
        seen += f"{free / 2**20:.1f} MiB free"
        yield kinds.SHARED_MEMORY_CRASH.found(seen, cure=cures.mend_memory(own))
    elif tried.stopped_in:
        yield _explain_stop(tried, own, command, again)
    else:
        found = [*_judge(tried, own, again)]
        speeds = read_speeds(tried)
        seen = f"{command}: right values, {speeds}, MPI_Init {_init_seconds(tried):.2f} s"
        yield from found or [Finding.ok(seen)]


def _explain_stop(tried: Outcome, own: Facts, command: str, again: Again) -> Finding:
    """Return what ended a job, and what mends that."""
    stage, cure = tried.stopped_in, cures.mend_launcher(own)
    kind: Kind = kinds.MPI_MESSAGES_HANG if tried.hung else kinds.MPI_MESSAGES_DIE
    if stage in ("start", "library"):
        kind = kinds.MPI_JOB_NOT_STARTED
    elif stage in ("init", "world"):
        kind = kinds.MPI_INIT_HANGS if tried.hung else kinds.MPI_INIT_DIES
    elif stage in ("finalize", "end"):
        kind = kinds.MPI_FINALIZE_FAILS
    elif (tried.failed or "").startswith("WrongValuesError"):
        kind = kinds.MPI_MESSAGES_WRONG
    culprits, cure = _blame(tried, again, lambda other: other.stopped_in is None, cure)
    return kind.found(f"{command}, stage {stage}: {tried.words}{culprits}", cure=cure)


def _judge(tried: Outcome, own: Facts, again: Again) -> Iterator[Finding]:
    """Yield what is not as good as it should be in a job that worked."""
    speeds, starts = read_speeds(tried), _init_seconds(tried)
    levels = {str(level) for level in tried.find("init", "thread_level")}
    if refused := REFUSED.search(tried.said):
        seen = f"Open MPI found not enough space for {refused[1]}; messages: {speeds}"
        yield kinds.SHARED_MEMORY_REFUSED.found(seen, cure=cures.mend_memory(own))
    elif speeds and speeds.slow:
        culprits, cure = _blame(tried, again, _is_fast, cures.mend_transport(own))
        seen = f"messages: {speeds}, {min(speeds.loopback, 1):.0%} of the bytes through lo"
        seen += culprits
        yield kinds.MPI_MESSAGES_SLOW.found(seen, cure=cure)
    if starts > SLOW_INIT:
        culprits, cure = _blame(
            tried, again, lambda other: _init_seconds(other) < SLOW_INIT, cures.mend_names(own)
        )
        yield kinds.MPI_INIT_SLOW.found(f"{starts:.1f} s{culprits}", cure=cure)
    if complaint := COMPLAINT.search(tried.said):
        culprits, cure = _blame(tried, again, lambda other: not COMPLAINT.search(other.said), "")
        if culprits:
            words = find_words(tried.said[complaint.start() :])
            yield kinds.SETTING_IGNORED.found(f"{words}{culprits}", cure=cure)
    if levels != {"multiple"}:
        seen = f"MPI gives the thread level {' or '.join(levels)}"
        yield kinds.NO_THREAD_MULTIPLE.found(seen, cure=cures.mend_installation(own))


def _blame(
    tried: Outcome, again: Again, works: Callable[[Outcome], bool], otherwise: str
) -> tuple[str, str]:
    """Return words on what must go for it to work, and the command for that; or the given one."""

    def works_without(names: Collection[str]) -> bool:
        return works(again(without=names))

    culprits = find_culprits(works_without, SEARCH, tried.said)
    if not culprits:
        return "", otherwise
    return f"; not so without {' and '.join(culprits)}", cures.unset(culprits)


def _is_fast(tried: Outcome) -> bool:
    speeds = read_speeds(tried)
    return speeds is not None and not speeds.slow


def _init_seconds(tried: Outcome) -> float:
    return max(
        (told.done["init"]["seconds"] for told in tried.told if "init" in told.done), default=0
    )


CHECK = Check(
    name="mpi_jobs",
    title="MPI job",
    scope="active",
    kinds=(*kinds.JOB_KINDS, NOT_TRIED),
    run=try_mpi_job,
    seconds=45.0,
)
