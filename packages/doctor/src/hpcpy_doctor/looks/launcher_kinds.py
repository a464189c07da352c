"""What may be wrong between a launcher, its variables and the library."""

from hpcpy_doctor.finding import Kind

__all__ = [
    "AS_ROOT",
    "FEW_SLOTS",
    "FOREIGN",
    "LEFT_OVER",
    "LOST",
    "MORE_THAN_SLOTS",
    "TWO",
    "WRONG_PLUGIN",
]

FOREIGN = Kind(
    id="foreign-launcher",
    level="error",
    title="The launcher belongs to another MPI than the library",
    cause="Launcher and library speak different protocols (PMI of MPICH, PMIx of Open MPI), so "
    "the processes cannot find each other.",
    cure="{command}",
    example="/path/to/env/bin/mpiexec -n 4 python program.py",
    text="The commonest accident of the field. MPICH's `mpiexec` with Open MPI's library gives N "
    "programs that each believe they are rank 0 of 1, do the whole work N times and write the "
    "same files; nothing complains, and the exit code is 0. Open MPI's `mpirun` with MPICH's "
    "library aborts in MPI_Init with `unsupported PMI version PMIx`. hpcpy's own commands refuse "
    "both before any work.",
)
WRONG_PLUGIN = Kind(
    id="wrong-srun-plugin",
    level="error",
    title="srun started the processes without the plugin that the library needs",
    cause="srun hands out PMI-2 or PMIx, as `--mpi` or the cluster's default says: MPICH needs "
    "pmi2, Open MPI needs pmix.",
    cure="{command}",
    example="srun --mpi=pmi2 -n 4 python program.py",
    text="With the wrong plugin, or with `--mpi=none`, each process is rank 0 of 1, and srun "
    "ends with exit code 0. `srun --mpi=list` shows the plugins, `export SLURM_MPI_TYPE=pmix` "
    "chooses one for a whole script.",
)
LEFT_OVER = Kind(
    id="left-over-launcher-variables",
    level="error",
    title="Variables are set of a launcher that does not wait for this process",
    cause="They were inherited from a job that has ended, or from a shell, tmux or notebook "
    "that was started inside of one, or they were set by hand.",
    cure="{cure}",
    example="unset ${!PMI_@} ${!MPI_LOCAL@} ${!HYDI_@} ${!PMIX_@} ${!OMPI_COMM_@} "
    "OMPI_UNIVERSE_SIZE",
    text="The MPI library trusts them and tries to join a job that is not there: MPICH aborts "
    "with `PMIU_write error; Bad file descriptor`, Open MPI may crash when it ends, and others "
    "hang. Unset them, or open a new shell.",
)
LOST = Kind(
    id="launcher-variables-lost",
    level="error",
    title="A launcher started this process, but its variables did not arrive",
    cause="Something between the launcher and the program does not hand variables on: "
    "`apptainer exec --cleanenv`, `docker run`, `sudo`, `ssh` or `env -i`.",
    cure="{command}",
    example="/path/to/env/bin/mpiexec -n 4 python program.py",
    text="Each process then is rank 0 of 1, and nothing complains. Leave `--cleanenv` out, and "
    "set what must be set by `--env`; or start the launcher inside of the container.",
)
TWO = Kind(
    id="two-launchers",
    level="warning",
    title="The variables of two launchers are set",
    cause="A job was started from within a job of another MPI, and inherits what the outer "
    "launcher told its processes.",
    cure="unset {outer}",
    example="unset ${!PMI_@} ${!MPI_LOCAL@} ${!HYDI_@}",
    text="A library finds its own launcher by its own variables and works; programs which look "
    "at the variables, as batch systems' tools and hpcpy do, may believe the outer one. Unset "
    "the outer launcher's variables before the inner `mpiexec`.",
)
AS_ROOT = Kind(
    id="open-mpi-as-root",
    level="warning",
    title="Open MPI's mpiexec refuses to run for root",
    cause="Open MPI takes it for a mistake unless two variables say that it is meant; in many "
    "containers root is the only user.",
    cure="export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1",
    text="The message is `prterun has detected an attempt to run as root`. In a container whose "
    "root is an ordinary user outside nothing is at risk. On a real machine start MPI as an "
    "ordinary user instead.",
)
FEW_SLOTS = Kind(
    id="open-mpi-slots",
    level="note",
    title="Open MPI's mpiexec starts few processes here unless it is told to start more",
    cause="Without a host file it counts one slot for each processor core, and refuses to start "
    "more processes than slots.",
    cure="export PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe "
    "PRTE_MCA_hwloc_default_binding_policy=none",
    text="The message is `There are not enough slots available in the system`. For a test on a "
    "small machine `mpiexec --map-by :OVERSUBSCRIBE --bind-to none -n N` does the same for one "
    "launch. More processes than cores say whether something works, not how fast it is: set "
    "`OMPI_MCA_mpi_yield_when_idle=1` too, else a process that waits takes the core from one "
    "that works.",
)
MORE_THAN_SLOTS = Kind(
    id="more-ranks-than-slots",
    level="warning",
    title="Open MPI runs more processes than it was given slots",
    cause="It was told to oversubscribe, while a host file, `--host` or the batch system gave it "
    "fewer slots than the node has cores.",
    cure="{command}",
    example="/path/to/env/bin/mpiexec -n 2 python program.py",
    text="The cores beyond the slots are perhaps another job's. Ask for as many slots as there "
    "are processes: `--host localhost:4`, `slots=4` in a host file, `#SBATCH --ntasks=4`. See "
    "`more-ranks-than-cores` for what happens when the cores do not suffice.",
)
