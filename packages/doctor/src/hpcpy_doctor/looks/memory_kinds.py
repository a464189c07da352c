"""What may be found of the memory that ranks share. Data only."""

from hpcpy_doctor.finding import Kind

__all__ = ["MEMORY_KINDS"]

REFUSED = Kind(
    id="cross-memory-refused",
    level="error",
    title="The kernel refuses that ranks read each other's memory",
    cause="The ranks are in user namespaces of their own, as in one Apptainer container for each "
    "rank, and may not trace each other.",
    cure="{cure}",
    example="mpiexec -n 4 apptainer exec --sharens image.sif hpcpy-doctor",
    text="MPIs copy long messages in one go with `process_vm_readv` (cross-memory attach, CMA). "
    "MPICH does not ask whether it may: a message of 16 KB or more ends the job with "
    "`process_vm_readv failed (errno 1)`. `apptainer exec --sharens` puts the ranks of a node into "
    "one container. Else `MPIR_CVAR_CH4_CMA_ENABLE=0` (MPICH) and `UCX_POSIX_USE_PROC_LINK=n` "
    "(UCX) do without, more slowly. In Docker: `--cap-add=SYS_PTRACE`.",
)
TWICE = Kind(
    id="cross-memory-avoided",
    level="note",
    title="Long messages between the ranks of a machine are copied twice",
    cause="The kernel refuses that ranks read each other's memory, as in one container for each "
    "rank; this MPI, or a setting, does without.",
    cure="{cure}",
    example="mpiexec -n 4 apptainer exec --sharens image.sif hpcpy-doctor",
    text="All works, and messages of more than a few KB between ranks of one machine take about "
    "twice as long: one rank copies them into shared memory, and the other out of it. UCX may "
    "complain that it cannot open `/proc/PID/fd/N`. `apptainer exec --sharens` puts the ranks of a "
    "node into one container.",
)
RESTRICTED = Kind(
    id="ptrace-restricted",
    level="note",
    title="The kernel restricts who may read another process's memory",
    cause="kernel.yama.ptrace_scope lets only a parent read its children, unless a process allows "
    "others to.",
    cure="sudo sysctl kernel.yama.ptrace_scope=0",
    text="With 1, as on Ubuntu, MPIs that ask for permission (`PR_SET_PTRACER`) still copy long "
    "messages in one go; others copy them twice, or abort. With 2 or 3 none can. The setting "
    "protects passwords in the memory of programs; on a machine for computing it is 0. "
    "`MPIR_CVAR_CH4_CMA_ENABLE=0` (MPICH) and `OMPI_MCA_smsc=^cma` (Open MPI) do without.",
)
SEPARATE = Kind(
    id="shared-memory-not-shared",
    level="error",
    title="Ranks of one machine do not see the same /dev/shm",
    cause="Each rank is in a container or mount namespace with a /dev/shm of its own.",
    cure="{cure}",
    example="docker run --ipc=host ...",
    text="MPICH waits in MPI_Init for ever for a file that another rank made in a /dev/shm of its "
    "own; Open MPI says that it cannot open it, and goes on over TCP. Start the launcher inside "
    "of one container, or give the containers the host's: `docker run --ipc=host`; "
    "Apptainer shares it unless `--contain` or `--ipc` is given.",
)

MEMORY_KINDS = (REFUSED, TWICE, RESTRICTED, SEPARATE)
