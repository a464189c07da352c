"""The machines of the launch: their names, and their clocks."""

from collections.abc import Iterable, Iterator, Sequence

from hpcpy_doctor.check import Check
from hpcpy_doctor.facts import Facts
from hpcpy_doctor.finding import Finding, Kind
from hpcpy_doctor.looks.by_machine import by_machine
from hpcpy_doctor.merge import format_ranks

__all__ = ["CHECK", "compare_hosts"]

FARTHEST = 1.0
"""Seconds that clocks may differ: file systems keep times of this resolution."""

LOCAL = ("localhost", "localhost.localdomain", "localhost4", "localhost6")

CLOCKS = Kind(
    id="clocks-differ",
    level="warning",
    title="The clocks of processes differ",
    cause="A machine's clock is not kept by NTP or chrony, or LD_PRELOAD brings a library that "
    "changes the time.",
    cure="{cure}",
    example="sudo timedatectl set-ntp true",
    text="Programs that compare times of files take new ones for old ones: `make`, caches of "
    "compiled kernels, checkpoints that are resumed by their age; logs cannot be merged, and "
    "Slurm's and munge's credentials are refused from 5 minutes on. MPI itself does not care: "
    "`MPI_Wtime` is compared within one process. The clocks are compared with that of the file "
    "system through which the processes met.",
)
SAME_NAME = Kind(
    id="hosts-with-the-same-name",
    level="error",
    title="Different machines have the same host name",
    cause="Launchers and MPIs take processes with the same host name for processes of one "
    "machine, which could share memory.",
    cure="sudo hostnamectl set-hostname {name}",
    text="Copies of a virtual machine or of a disk keep the name of the original. MPI_Init hangs "
    "or aborts when it looks for shared memory that another machine has made. The machines are "
    "told apart by the kernel's boot id. Give each of them a name of its own (the command is for "
    "one of them), and a line in /etc/hosts.",
)
TWO_NAMES = Kind(
    id="machine-with-two-names",
    level="note",
    title="Processes of one machine have different host names",
    cause="They are in containers or namespaces with names of their own.",
    cure="{cure}",
    example="docker run --uts=host ...",
    text="Launchers and MPIs that go by the name take them for different machines: they may use "
    "the network where they could share memory, and count cores and GPUs twice. Containers get "
    "the host's name with `docker run --uts=host` and `podman run --uts=host`; Apptainer keeps it "
    "unless `--hostname` or `--uts` is given. For hosts that are emulated on one machine this is "
    "meant.",
)
LOCALHOST = Kind(
    id="host-named-localhost",
    level="note",
    title="The host name is localhost",
    cause="The machine was never given a name.",
    cure="sudo hostnamectl set-hostname node1",
    text="On one machine all is well. In a launch on several, each of them takes `localhost` for "
    "itself: launchers give the other nodes this name to connect back to, and reports and file "
    "names with the host name in them do not tell the machines apart.",
)
UNRESOLVED = Kind(
    id="host-name-unresolved",
    level="warning",
    title="The host name does not resolve to an address",
    cause="Neither /etc/hosts nor the name server knows the machine's own name.",
    cure='echo "127.0.1.1 {name}" | sudo tee -a /etc/hosts',
    text="On one machine the MPIs that were tried (MPICH 5.0.2, Open MPI 5.0.11) do not mind. In a "
    "launch on several, launchers give the other nodes this name to connect back to; put the "
    "machine's real address into /etc/hosts there, not 127.0.1.1. Where the name server does not "
    "answer, each look-up waits for seconds, and MPI_Init with it.",
)


def compare_hosts(facts: tuple[Facts, ...]) -> Iterator[Finding]:
    """Compare names and clocks of the machines. Local.

    Parameters
    ----------
    facts
        Of all processes.
    """
    findings = [*_compare_clocks(facts), *_compare_names(facts), *_look_at_names(facts)]
    yield from findings or [Finding.ok(_describe(facts))]


def _compare_clocks(facts: Sequence[Facts]) -> Iterator[Finding]:
    """Compare how far each clock is from the file server's, or else from the first one's."""
    ahead = {one.rank: one.clock - one.written for one in facts if one.written is not None}
    if len(ahead) < 2:
        return
    first, last = min(ahead, key=ahead.__getitem__), max(ahead, key=ahead.__getitem__)
    apart = ahead[last] - ahead[first]
    if apart > FARTHEST:
        hosts = {one.rank: one.host for one in facts}
        cure = "sudo timedatectl set-ntp true"
        preloads = any("LD_PRELOAD" in one.environ for one in facts)
        yield CLOCKS.found(
            f"the clock of rank {last} on {hosts[last]} is {apart:.0f} s ahead of that of rank "
            f"{first} on {hosts[first]}",
            cure="unset LD_PRELOAD" if preloads else cure,
        )


def _compare_names(facts: Sequence[Facts]) -> Iterator[Finding]:
    machines = by_machine(facts)
    names = [sorted({one.host for one in group}) for group in machines]
    for name in sorted({one.host for one in facts}):
        several = [group for group, own in zip(machines, names, strict=True) if name in own]
        if len(several) > 1:
            ranks = " and ".join(format_ranks([one.rank for one in group]) for group in several)
            yield SAME_NAME.found(
                f"{len(several)} machines are called {name}: those of {ranks}", name=f"{name}-2"
            )
    for own in names:
        if len(own) > 1:
            cure = "docker run --uts=host ..."
            yield TWO_NAMES.found(f"one machine is called {', '.join(own[:4])}", cure=cure)


def _look_at_names(facts: Sequence[Facts]) -> Iterator[Finding]:
    for host, one in sorted({one.host: one for one in facts}.items()):
        if host in LOCAL:
            yield LOCALHOST.found(f"the name of the host of rank {one.rank} is {host}")
        elif not one.machine.name_addresses:
            silent = one.machine.name_addresses is None
            what = "gets no answer from the name server" if silent else "is unknown"
            yield UNRESOLVED.found(f"{host} {what}", name=host)


def _describe(facts: Sequence[Facts]) -> str:
    said = []
    for host in sorted({one.host for one in facts}):
        ranks = [one.rank for one in facts if one.host == host]
        said.append(f"{host} ({format_ranks(ranks)})" if len(facts) > 1 else host)
    return ", ".join(_shorten(said))


def _shorten(said: list[str], most: int = 6) -> Iterable[str]:
    return said if len(said) <= most else [*said[:most], f"and {len(said) - most} more"]


CHECK = Check(
    name="hosts",
    title="Hosts",
    scope="job",
    kinds=(CLOCKS, SAME_NAME, TWO_NAMES, LOCALHOST, UNRESOLVED),
    run=compare_hosts,
)
