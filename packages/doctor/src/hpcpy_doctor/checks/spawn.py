"""Whether a program can start more processes here, by MPI_Comm_spawn."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from hpcpy_doctor.check import Check
from hpcpy_doctor.facts import Facts
from hpcpy_doctor.finding import Finding, Kind
from hpcpy_doctor.probing.run_probe import NO_SLOTS, Outcome, run_probe
from hpcpy_doctor.probing.try_in_job import NOT_TRIED, try_in_job

__all__ = ["CHECK", "try_spawn"]

SECONDS = 6.0
"""Of a job that takes less than one."""

AS_USERS: Mapping[str, str] = {}
"""Variables that are added: none, since how many slots there are is what is asked."""

FEW_SLOTS = Kind(
    id="spawn-without-slots",
    level="note",
    title="MPI_Comm_spawn finds no free slot",
    cause="Open MPI counts one slot for each core, or as many as its host file says, and the "
    "program itself takes one of them.",
    cure="export PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe",
    text="Spawning raises `MPI_ERR_UNKNOWN`, and mpirun says `There are not enough slots "
    "available in the system`. `mpirun --map-by :OVERSUBSCRIBE` does the same for one launch; in "
    "a batch job ask for as many tasks more as are to be spawned.",
)
FAILS = Kind(
    id="spawn-fails",
    level="note",
    title="MPI_Comm_spawn does not work",
    cause="The launcher cannot start more processes, or does not answer the library.",
    cure="hpcpy-spawn-pi run --mode split --workers 2",
    text="Few programs need it. A program of which it is part (`mpi4py.futures.MPIPoolExecutor` "
    "without `-m mpi4py.futures`) can start all processes at once instead, and split them into "
    "groups: `mpiexec -n 4 python -m mpi4py.futures program.py`, or `--mode split` of "
    "hpcpy-spawn-pi. Even where it works under mpiexec, it does not in a program that was started "
    "without one, nor in most containers that are launched from outside.",
)
HANGS = Kind(
    id="spawn-hangs",
    level="note",
    title="MPI_Comm_spawn does not return",
    cause="The new process was not started, or does not find its parent, and the call waits for "
    "it for ever.",
    cure="hpcpy-spawn-pi run --mode split --workers 2",
    text="Under srun the new processes are a job step of their own, which waits until the step "
    "that spawns has ended, unless `SLURM_OVERLAP=1` is set and tasks are left. Do not call it "
    "without a deadline: see the docs of hpcpy-spawn-pi.",
)


def try_spawn(
    facts: tuple[Facts, ...], *, run: Callable[..., Outcome] = run_probe
) -> Iterator[Finding]:
    """Spawn one process in a job of one rank, and say how that went. Local.

    Parameters
    ----------
    facts
        The first is of this process.
    run
        Runs the probe.
    """
    job = partial(run, 1, ("spawn",), SECONDS, environ=AS_USERS)
    tried = try_in_job("MPI_Comm_spawn", facts[0], job)
    if isinstance(tried, Finding):
        yield tried
    elif tried.stopped_in is None:
        seconds = tried.told[0].done["spawn"]["seconds"]
        yield Finding.ok(f"works under mpiexec: one more process in {seconds:.2f} s")
    elif full := next((words for words in NO_SLOTS if words in tried.said), None):
        yield FEW_SLOTS.found(f"a job of one rank spawned another one, and mpiexec says: {full}")
    else:
        kind = HANGS if tried.hung else FAILS
        yield kind.found(f"in the stage {tried.stopped_in}: {tried.words}")


CHECK = Check(
    name="spawn",
    title="MPI_Comm_spawn",
    scope="active",
    kinds=(FEW_SLOTS, FAILS, HANGS, NOT_TRIED),
    run=try_spawn,
    seconds=SECONDS,
)
