"""What the doctor itself may find, beside its checks: of the launch that it runs in."""

from hpcpy_doctor.finding import Kind

__all__ = [
    "CHECK_FAILED",
    "LAUNCH_DIES",
    "LAUNCH_HANGS",
    "OWN_KINDS",
    "PROCESSES_NOT_HEARD",
    "SITE_CHECK_BROKEN",
    "WRONG_SIZE",
    "WRONG_VALUES",
]

CHECK_FAILED = Kind(
    id="check-failed",
    level="warning",
    title="A check could not be done",
    cause="The check met what it was not made for, so nothing is known about what it looks at.",
    cure="hpcpy-doctor --skip {name}",
    example="hpcpy-doctor --skip file_system",
    text=(
        "The check raised an exception, said nothing, or did not end in its time. The rest of the "
        "report does not depend on it. A check that does not end often waits for a file system "
        "that does not answer: `df` in the same folder would wait, too. Please report it with "
        "the output of `hpcpy-doctor --json --only NAME`."
    ),
)

SITE_CHECK_BROKEN = Kind(
    id="site-check-broken",
    level="warning",
    title="A check that another distribution brings cannot be loaded",
    cause="An entry point of the group hpcpy_doctor.checks names no module or object that is a "
    "hpcpy_doctor.check.Check, or one whose name is taken.",
    cure="{python} -m pip uninstall {distribution}",
    example="/path/to/env/bin/python -m pip uninstall our-site-checks",
    text=(
        "A site adds checks of its own by a small distribution with entry points of the group "
        "`hpcpy_doctor.checks`. One of them could not be imported, or is not a `Check`. Mend or "
        "remove the distribution; everything else is checked as usual."
    ),
)

PROCESSES_NOT_HEARD = Kind(
    id="processes-not-heard",
    level="error",
    title="Processes that the launcher announced do not show up",
    cause="They did not start, are on nodes that do not see the same folder, come later, or run "
    "another program.",
    cure="{command}",
    example="/path/to/env/bin/mpiexec -n 4 python program.py",
    text=(
        "The processes of a launch tell each other what they saw by files: in the temporary "
        "folder if the launcher says that all are on one node, else in the working directory, "
        "which must then be on a file system that all nodes share. Who has not written there "
        "after a few seconds is not heard. Under a launcher that starts only some of the "
        "processes with this program (`mpiexec -n 1 hpcpy-doctor : -n 3 ./other`), start all "
        "of them with it. In containers, each with a private /tmp, bind one folder of the host: "
        "`--bind /tmp`."
    ),
)

LAUNCH_HANGS = Kind(
    id="launch-hangs",
    level="error",
    title="MPI starts in this launch, but does not get on",
    cause="A process waits for another one for ever: one that has not started MPI, has ended, or "
    "cannot be reached over the network that MPI chose.",
    cure="{command}",
    example="env -u FI_TCP_IFACE /path/to/env/bin/mpiexec -n 4 python program.py",
    text=(
        "Each process of the launch started MPI in a child, in this launch's own environment, "
        "and some did not come to the end in time (`--deadline`). In `init`: a process of the "
        "launch does not start MPI, or the nodes cannot connect. In `p2p` or `allreduce`: the "
        "nodes connect over an address that several of them have, such as docker0's. Name the "
        "interface: `OMPI_MCA_btl_tcp_if_include=eth0` (Open MPI) or `FI_TCP_IFACE=eth0` (MPICH)."
    ),
)

LAUNCH_DIES = Kind(
    id="launch-dies",
    level="error",
    title="MPI ends a process of this launch",
    cause="The MPI library gave up, or crashed: a setting asks for what is not there, or the "
    "launcher, the network or the memory fails it.",
    cure="{command}",
    example="env -u UCX_TLS /path/to/env/bin/mpiexec -n 4 python program.py",
    text=(
        "Each process of the launch started MPI in a child, in this launch's own environment, "
        "and in some of them it ended the process. The stage says where: `library` (it cannot be "
        "loaded), `init` (MPI_Init), `p2p`, `allreduce` or `finalize`. Most launchers then end "
        "the whole job, with an exit code of their own; the report is printed nevertheless. The "
        "same without a launcher, with fewer processes or on one node tells whether the network, "
        "the memory or the settings are to blame "
        "(`env | grep -E 'OMPI_|MPIR_|UCX_|FI_'`)."
    ),
)

WRONG_SIZE = Kind(
    id="launch-wrong-size",
    level="error",
    title="MPI sees another number of processes than the launcher started",
    cause="The launcher and the MPI library do not speak the same protocol, so that each process "
    "takes itself for the only one.",
    cure="{command}",
    example="/path/to/env/bin/mpiexec -n 4 python program.py",
    text=(
        "The commonest accident of the field: N processes were started, and every one of them "
        "believes that it is rank 0 of 1. The work is then done N times, into the same files. "
        "Start the program with the launcher of the library that mpi4py loads, or with srun's "
        "plugin for it: `srun --mpi=pmi2` for MPICH, `srun --mpi=pmix` for Open MPI."
    ),
)

WRONG_VALUES = Kind(
    id="launch-wrong-values",
    level="error",
    title="A message arrives with wrong values",
    cause="What MPI delivered is not what was sent: a transport between these processes is broken.",
    cure="{command}",
    example="env -u OMPI_MCA_pml /path/to/env/bin/mpiexec -n 4 python program.py",
    text=(
        "A ring of messages and a sum over all ranks are compared with what must come out. Where "
        "they differ nothing that this launch computes can be trusted. Try other transports "
        "(`OMPI_MCA_pml=ob1 OMPI_MCA_btl=self,tcp`, `MPIR_CVAR_CH4_CMA_ENABLE=0`, "
        "`UCX_TLS=self,tcp`) until the values are right, and tell the administrators."
    ),
)

OWN_KINDS = (
    *(PROCESSES_NOT_HEARD, CHECK_FAILED, SITE_CHECK_BROKEN),
    *(LAUNCH_HANGS, LAUNCH_DIES, WRONG_SIZE, WRONG_VALUES),
)
