"""What may be found where a small MPI job is tried. Data only."""

from hpcpy_doctor.finding import Kind

__all__ = [
    "JOB_KINDS",
    "MPI_FINALIZE_FAILS",
    "MPI_INIT_DIES",
    "MPI_INIT_HANGS",
    "MPI_INIT_SLOW",
    "MPI_JOB_NOT_STARTED",
    "MPI_JOB_OF_SINGLETONS",
    "MPI_MESSAGES_DIE",
    "MPI_MESSAGES_HANG",
    "MPI_MESSAGES_SLOW",
    "MPI_MESSAGES_WRONG",
    "NO_THREAD_MULTIPLE",
    "SETTING_IGNORED",
    "SHARED_MEMORY_CRASH",
    "SHARED_MEMORY_REFUSED",
]

MPI_JOB_NOT_STARTED = Kind(
    id="mpi-job-not-started",
    level="error",
    title="mpiexec does not start this Python",
    cause="The launcher ended before its processes had begun: its own words tell why.",
    cure="{cure}",
    example="/path/to/env/bin/python -m pip install --force-reinstall mpich",
    text="A job of two ranks was started with the mpiexec of the library that mpi4py loads, and "
    "no process of it has come as far as loading MPI. Where settings of the launcher are in the "
    "environment (`HYDRA_*`, `MPIEXEC_*`, `PRTE_MCA_*`, `OMPI_MCA_*`) or in the home "
    "(`~/.mpiexec.hydra.conf`, `~/.prte/mca-params.conf`, `~/.openmpi/mca-params.conf`), it was "
    "tried again without them, and the one to blame is named. Else it is often a host name that "
    "cannot be resolved (put it into /etc/hosts), a batch system in which mpiexec may not start "
    "anything (use srun), a full temporary folder (set TMPDIR), or HPCPY_MPIEXEC with another "
    "program than an mpiexec.",
)
MPI_INIT_DIES = Kind(
    id="mpi-init-dies",
    level="error",
    title="MPI_Init ends the processes",
    cause="The MPI library could not set itself up: a setting that it cannot fulfil, a network "
    "that it wants and does not get, or a library that it needs and cannot load.",
    cure="{cure}",
    example="unset UCX_TLS",
    text="The doctor started a job of two ranks on this machine, and a rank died in MPI_Init. "
    "Where settings of MPI are in the environment (`OMPI_MCA_*`, `MPIR_CVAR_*`, `UCX_*`, `FI_*`), "
    "or in files of the home (`~/.openmpi/mca-params.conf`), it tried again without them, and "
    "names the one to blame. Settings also come from the site's `etc/openmpi-mca-params.conf`.",
)
MPI_INIT_HANGS = Kind(
    id="mpi-init-hangs",
    level="error",
    title="MPI_Init does not end",
    cause="A rank waits for another one that never comes to MPI_Init, or that it cannot reach.",
    cure="{cure}",
    example="unset UCX_NET_DEVICES",
    text="MPI_Init is a meeting of all ranks. It waits for ever if a process of the job does not "
    "call it (a program that reads a file first, a wrapper that starts something else), if a "
    "firewall drops what ranks send to each other, or if the launcher offers an address at which "
    "it cannot be reached. `--passive` leaves this and all other trials out.",
)
MPI_JOB_OF_SINGLETONS = Kind(
    id="mpi-job-of-singletons",
    level="error",
    title="Each process of a job takes itself for the only one",
    cause="The mpiexec that was found is another MPI's than the library.",
    cure="{cure}",
    example="unset HPCPY_MPIEXEC",
    text="A job of two ranks was started, and MPI says in each that the world has one. Programs "
    "would do their work twice and write the same files. The doctor takes the mpiexec beside the "
    "library that mpi4py loads; if there is none, the one beside this Python, then that on PATH; "
    "and HPCPY_MPIEXEC before all of them.",
)
MPI_MESSAGES_DIE = Kind(
    id="mpi-messages-die",
    level="error",
    title="Messages between two ranks end the job",
    cause="MPI_Init went well, but the transport that MPI chose for messages on this machine fails "
    "when it is used.",
    cure="{cure}",
    example="unset OMPI_MCA_btl",
    text="Two ranks on this machine sent messages of 8 B to 800 kB around, and summed numbers of "
    "four types. Another transport often works: `OMPI_MCA_pml=ob1 OMPI_MCA_btl=self,sm` for Open "
    "MPI, `MPIR_CVAR_CH4_CMA_ENABLE=0` for MPICH in a container.",
)
MPI_MESSAGES_HANG = Kind(
    id="mpi-messages-hang",
    level="error",
    title="Messages between two ranks do not arrive",
    cause="The ranks have met in MPI_Init, but what one sends does not reach the other: there is a "
    "firewall, or an address that several machines have, as docker0's.",
    cure="{cure}",
    example="unset FI_TCP_IFACE",
    text="It hangs in `p2p` (Sendrecv) or in `allreduce`. On one machine messages should go "
    "through shared memory; where a setting forbids that, they go through a network interface. "
    "Name one that works: `OMPI_MCA_btl_tcp_if_include=lo` or `FI_TCP_IFACE=lo`.",
)
MPI_MESSAGES_WRONG = Kind(
    id="mpi-messages-wrong",
    level="error",
    title="Messages between two ranks arrive with wrong values",
    cause="A transport of this MPI is broken on this machine: what arrives is not what was sent.",
    cure="{cure}",
    example="/path/to/env/bin/python -m pip install --force-reinstall mpich",
    text="Nothing that is computed here with more than one rank can be trusted. Find the transport "
    "that is to blame by forbidding one after the other, and tell those who installed this MPI.",
)
MPI_FINALIZE_FAILS = Kind(
    id="mpi-finalize-fails",
    level="warning",
    title="MPI_Finalize ends badly, or not at all",
    cause="Messages were right, but the library fails when it tidies up.",
    cure="{cure}",
    example="/path/to/env/bin/python -m pip install --force-reinstall mpich",
    text="Results are right, but the job ends with an error code or hangs, and a batch script "
    "takes it for failed. Often a tool that wraps MPI, or a network library that is older than "
    "the MPI that uses it.",
)
SHARED_MEMORY_CRASH = Kind(
    id="shared-memory-crash",
    level="error",
    title="MPI dies because /dev/shm is full",
    cause="MPI made a file in /dev/shm, and the kernel had no memory left for it there: that is a "
    "bus error at the first touch.",
    cure="{cure}",
    example="sudo mount -o remount,size=1g /dev/shm",
    text="MPICH 5 takes about 1 MiB of /dev/shm for each rank, and is killed in MPI_Init where "
    "there is less (seen with 64 KiB and 1 MiB for two ranks), without a word of its own. Docker "
    "gives a container 64 MiB (`--shm-size=1g` gives more). Files that killed jobs have left "
    "behind fill it too: see `shared_memory` in the report.",
)
SHARED_MEMORY_REFUSED = Kind(
    id="shared-memory-refused",
    level="warning",
    title="MPI finds too little room in /dev/shm and goes through the network instead",
    cause="Open MPI wants 16 MiB of /dev/shm for each rank, and sends through TCP where it does "
    "not get them.",
    cure="{cure}",
    example="export OMPI_MCA_btl_sm_backing_directory=/tmp",
    text="Open MPI says `It appears as if there is not enough space for /dev/shm/sm_segment...` "
    "and goes on; messages between ranks of one node then take several times as long. Make room "
    "there, or let it put its files into another folder that is on a local disk.",
)
MPI_MESSAGES_SLOW = Kind(
    id="mpi-messages-slow",
    level="warning",
    title="Messages between ranks of one node are slow",
    cause="They do not go through shared memory, but through the network interface by which a "
    "machine reaches itself.",
    cure="{cure}",
    example="unset OMPI_MCA_btl",
    text="Seen on a machine with two cores: a message of 8 B takes 0.8 to 1.5 us through shared "
    "memory, and 6.2 to 9.1 us through TCP on the same machine, which `OMPI_MCA_btl=self,tcp`, or "
    "`MPIR_CVAR_NOLOCAL=1` with `UCX_TLS=tcp`, forces. Long messages do not tell as much: 4 MiB "
    "moved at a 5th to a 10th of the speed of a copy in cache with cross-memory attach, without "
    "it, and through Open MPI's and libfabric's TCP; only UCX's TCP took forty times as long "
    "as the copy. A busy machine makes all of it slow: at a load of 9, shared memory took 4.7 us "
    "and a 26th. So both must be: more than 3 us, and most bytes counted by the interface `lo`.",
)
MPI_INIT_SLOW = Kind(
    id="mpi-init-slow",
    level="note",
    title="MPI_Init takes seconds",
    cause="The library looks for networks that are not there, or waits for an answer from a name "
    "server.",
    cure="{cure}",
    example="echo 127.0.1.1 node1 | sudo tee -a /etc/hosts",
    text="Usually it takes less than 0.2 s. Open MPI from the wheel sleeps for one second where "
    "libfabric finds no network (`OMPI_MCA_btl=^ofi` ends that; the doctor's own jobs set it).",
)
NO_THREAD_MULTIPLE = Kind(
    id="no-thread-multiple",
    level="note",
    title="MPI does not let several threads call it at once",
    cause="This MPI was built without MPI_THREAD_MULTIPLE, or a setting lowers the level.",
    cure="{cure}",
    example="/path/to/env/bin/python -m pip install --force-reinstall mpich",
    text="mpi4py asks for `MPI_THREAD_MULTIPLE`. Programs that call MPI in one thread at a time "
    "do not need it, and hpcpy's do not; `mpi4py.futures` and many task libraries do.",
)
SETTING_IGNORED = Kind(
    id="mpi-setting-ignored",
    level="warning",
    title="The launcher complains about a setting, and goes on without it",
    cause="The setting names what this launcher does not have, or is misspelt, so it does nothing "
    "here; on several nodes, or in another version, it may end the job.",
    cure="{cure}",
    example="unset PRTE_MCA_plm",
    text="A job of two ranks worked, but the launcher printed a complaint, which it does not print "
    "without that setting. `prte_info --all` and `ompi_info --all` list the names that Open MPI "
    "knows, `mpiexec -help` those of MPICH.",
)

JOB_KINDS = (
    *(MPI_JOB_NOT_STARTED, MPI_INIT_DIES, MPI_INIT_HANGS, MPI_JOB_OF_SINGLETONS),
    *(SHARED_MEMORY_CRASH, SHARED_MEMORY_REFUSED, MPI_MESSAGES_DIE, MPI_MESSAGES_HANG),
    *(MPI_MESSAGES_WRONG, MPI_FINALIZE_FAILS, MPI_MESSAGES_SLOW, MPI_INIT_SLOW),
    *(NO_THREAD_MULTIPLE, SETTING_IGNORED),
)
