"""Whether Slurm's job and its settings suit the library and the launch."""

from collections.abc import Callable, Iterator, Sequence

from hpcpy_doctor.check import Check
from hpcpy_doctor.facts import Facts
from hpcpy_doctor.finding import Finding, Kind
from hpcpy_doctor.looks.ask_slurm import Slurm, ask_slurm, ask_tool
from hpcpy_doctor.looks.protocols import list_offered, list_spoken
from hpcpy_doctor.looks.start_again import start_again
from hpcpy_doctor.looks.vendors import shorten_library

__all__ = ["CHECK", "look_at_slurm"]

PLUGINS = {"PMI": "pmi2", "PMIx": "pmix"}
"""Of srun, for what a library speaks."""

SRUN = "srun"
"""As the launch check calls it."""

CHOICE, KILL = "SLURM_MPI_TYPE", "SLURM_KILL_BAD_EXIT"

WITHOUT_SRUN = Kind(
    id="slurm-without-srun",
    level="warning",
    title="A Slurm job of several tasks runs this program as one process",
    cause="A batch script runs once, on the first node: without srun or mpiexec before a "
    "program, that is one process, however many tasks the job has.",
    cure="{command}",
    example="srun --mpi=pmi2 -n 4 python program.py",
    text="The other tasks' cores are idle, and billed. Write `srun` before the program in the "
    "batch script, with the plugin of the MPI library.",
)
TASKS_DIFFER = Kind(
    id="slurm-tasks-differ",
    level="warning",
    title="The launch has another number of processes than the Slurm job has tasks",
    cause="mpiexec was told a number of its own.",
    cure="{command}",
    example="/path/to/env/bin/mpiexec -n 4 python program.py",
    text="Fewer processes leave cores idle; more of them share cores. In a batch script leave "
    "`-n` out, or write `-n $SLURM_NTASKS`.",
)
PLUGIN_MISSING = Kind(
    id="srun-plugin-missing",
    level="error",
    title="This cluster's srun does not have the plugin that the MPI library needs",
    cause="Slurm was built without it: MPICH needs pmi2, Open MPI needs pmix.",
    cure="{command}",
    example="/path/to/env/bin/mpiexec -n 4 python program.py",
    text="`srun --mpi=list` shows what there is. The library's own mpiexec works inside of a "
    "Slurm job, too, and starts the processes on all nodes by itself. Or use the cluster's own "
    "MPI, which was built for its Slurm: `MPI4PY_LIBMPI=/path/to/libmpi.so`.",
)
PLUGIN_DEFAULT = Kind(
    id="srun-plugin-default",
    level="warning",
    title="A plain srun would start processes that do not find each other",
    cause="The cluster's default plugin (MpiDefault) is not the one that the MPI library needs.",
    cure="export SLURM_MPI_TYPE={plugin}",
    text="Without the right plugin each process is rank 0 of 1, and srun ends with exit code 0. "
    "`srun --mpi=pmi2` (MPICH) or `srun --mpi=pmix` (Open MPI) chooses it for one launch.",
)
BAD_EXIT = Kind(
    id="srun-waits-for-the-dead",
    level="note",
    title="srun would go on when one of its processes is killed",
    cause="The cluster has KillOnBadExit=0, so that the others wait for the dead one until the "
    "job's time is over.",
    cure="export SLURM_KILL_BAD_EXIT=1",
    text="With the plugin pmi2, srun hangs when a rank is killed, for instance for memory. "
    "`srun -K` does the same as the variable, for one launch.",
)
SILENT = Kind(
    id="slurm-silent",
    level="note",
    title="Slurm's tools say nothing here",
    cause="srun and scontrol are not on PATH, as in a container, or the controller does not "
    "answer.",
    cure="scontrol ping",
    text="The plugins and settings of this cluster then are not known. Ask on a login node, "
    "outside of any container: `srun --mpi=list; scontrol show config | grep -i -e mpi -e kill`.",
)


def look_at_slurm(
    facts: tuple[Facts, ...], *, ask: Callable[[Sequence[str]], str] = ask_tool
) -> Iterator[Finding]:
    """Compare job, step and settings with the launch and the library. Local.

    Parameters
    ----------
    facts
        Of the launch.
    ask
        Runs a tool and returns what it said, nothing if it fails.
    """
    own = facts[0]
    if "SLURM_JOB_ID" not in own.environ:
        yield Finding.ok("not in a Slurm job")
        return
    slurm = ask_slurm(own.environ["SLURM_JOB_ID"], ask)
    findings = [
        *_check_tasks(own, slurm),
        *_check_plugins(own, slurm),
        *_check_settings(own, slurm),
    ]
    yield from findings or [Finding.ok(_describe(own, slurm))]


def _check_tasks(own: Facts, slurm: Slurm) -> Iterator[Finding]:
    """Compare the number of processes with that of the job's tasks."""
    library, tasks = own.library_text, slurm.tasks
    if own.launcher is None:
        wanted = own.environ.get("SLURM_NTASKS", "")  # not set where only nodes were asked for
        if wanted.isdigit() and int(wanted) > 1:
            command = start_again(library, SRUN, int(wanted))
            yield WITHOUT_SRUN.found(f"SLURM_NTASKS={wanted}, and no launcher", command=command)
    elif own.launcher != SRUN and tasks and own.size != tasks:
        seen = f"the job has {tasks} tasks, but {own.variable}={own.size}"
        yield TASKS_DIFFER.found(seen, command=start_again(library, own.launcher, tasks))


def _check_plugins(own: Facts, slurm: Slurm) -> Iterator[Finding]:
    """Look whether srun can start this library's programs, and does so unasked."""
    if own.library_text is None or not slurm.plugins:
        return
    library = shorten_library(own.library_text)
    spoken = list_spoken(own.library_text)
    useful = [PLUGINS[word] for word in spoken if PLUGINS[word] in slurm.plugins]
    has = ", ".join(sorted(slurm.plugins))
    if not useful:
        needed = " or ".join(PLUGINS[word] for word in spoken)
        tasks = slurm.tasks or own.size
        yield PLUGIN_MISSING.found(
            f"{library} needs {needed}, and srun has {has}",
            command=start_again(own.library_text, None, tasks),
        )
        return
    works = own.launcher == SRUN and set(list_offered(own.environ)) & set(spoken)
    default = own.environ.get(CHOICE) or slurm.settings.get("MpiDefault")
    if default and not works and default.partition("_v")[0] not in useful:
        seen = f"the default plugin is {default}, but {library} needs {' or '.join(useful)}"
        yield PLUGIN_DEFAULT.found(seen, plugin=useful[0])


def _check_settings(own: Facts, slurm: Slurm) -> Iterator[Finding]:
    by_srun = own.launcher in (SRUN, None)
    if by_srun and slurm.settings.get("KillOnBadExit") == "0" and own.environ.get(KILL) != "1":
        yield BAD_EXIT.found(f"KillOnBadExit=0, and {KILL} is not 1")
    if not slurm.plugins and not slurm.settings:
        yield SILENT.found("no answer from `srun --mpi=list` and `scontrol show config`")


def _describe(own: Facts, slurm: Slurm) -> str:
    step = own.environ.get("SLURM_STEP_ID")
    tasks = slurm.tasks or own.environ.get("SLURM_NTASKS", "?")
    return f"job {own.environ['SLURM_JOB_ID']}, {f'step {step}, ' if step else ''}{tasks} tasks"


CHECK = Check(
    name="slurm",
    title="Slurm",
    scope="job",
    kinds=(WITHOUT_SRUN, TASKS_DIFFER, PLUGIN_MISSING, PLUGIN_DEFAULT, BAD_EXIT, SILENT),
    run=look_at_slurm,
)
