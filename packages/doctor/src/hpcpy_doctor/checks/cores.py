"""The processor cores that each process may use, against the processes on each machine."""

from collections.abc import Collection, Iterable, Iterator, Sequence

from hpcpy_core.launch import mend_launch
from hpcpy_doctor.check import Check
from hpcpy_doctor.facts import Facts
from hpcpy_doctor.finding import Finding, Kind
from hpcpy_doctor.looks.by_machine import by_machine
from hpcpy_doctor.looks.share_out import find_crowd
from hpcpy_doctor.looks.start_bound import start_bound
from hpcpy_doctor.merge import format_ranks

__all__ = ["CHECK", "compare_cores"]

BOUND_TOGETHER = Kind(
    id="ranks-on-the-same-core",
    level="warning",
    title="Several ranks are bound to the same core while others are idle",
    cause="The launcher was told to bind so, or was itself started on few cores (taskset, a "
    "batch job with too few CPUs), which its processes inherit.",
    cure="{command}",
    example="taskset -c 0-7 /path/to/env/bin/mpiexec -bind-to core -n 4 python program.py",
    text="The ranks take turns on one core: two of them take twice as long, and a rank that waits "
    "for a message in a loop takes its time from the one that is to send it. `mpiexec -bind-to "
    "core` (MPICH), `mpiexec --map-by core --bind-to core` (Open MPI) and `srun --cpu-bind=cores "
    "--cpus-per-task=1` give each rank a core of its own; a launcher that was started with "
    "`taskset -c 0` has but one to give.",
)
TOO_MANY = Kind(
    id="more-ranks-than-cores",
    level="warning",
    title="There are more ranks than cores",
    cause="MPIs wait for messages in a loop that keeps a core busy, so ranks that share a core "
    "keep each other from work.",
    cure="{command}",
    example="/path/to/env/bin/mpiexec -n 2 python program.py",
    text="Everything works, but may take ten times as long. For a test that is fine; where time "
    "counts, start as many ranks as there are cores. Open MPI gives a core up while it waits "
    "with `OMPI_MCA_mpi_yield_when_idle=1`.",
)
HARDWARE_THREADS = Kind(
    id="ranks-on-one-cores-threads",
    level="note",
    title="Ranks share a core as its hardware threads",
    cause="The processor shows each core as two (SMT, Hyper-Threading), and there are more ranks "
    "than cores.",
    cure="{command}",
    example="/path/to/env/bin/mpiexec -n 2 python program.py",
    text="Two hardware threads share a core's arithmetic units and caches: numerical kernels are "
    "seldom faster with both in use. Start one rank for each core, `--bind-to core`, or "
    "`#SBATCH --hint=nomultithread`.",
)
QUOTA = Kind(
    id="cpu-quota",
    level="warning",
    title="A limit of processor time is below the number of ranks",
    cause="A container or a batch job may use less processor time than it sees cores; the kernel "
    "stops all its processes for the rest of each tenth of a second when it is used up.",
    cure="{cure}",
    example="/path/to/env/bin/mpiexec -n 2 python program.py",
    text="`docker run --cpus=1`, Kubernetes' limits and systemd's `CPUQuota=` set it; neither "
    "`nproc` nor the affinity mask shows it. Ranks that wait for messages in a loop use it up for "
    "nothing. `cat /sys/fs/cgroup/cpu.max` shows limit and period, `cpu.stat` how often the "
    "processes were stopped (`nr_throttled`).",
)


def compare_cores(facts: tuple[Facts, ...]) -> Iterator[Finding]:
    """Compare the cores of all processes of each machine. Local.

    Parameters
    ----------
    facts
        Of all processes.
    """
    machines = by_machine(facts)
    findings: list[Finding] = []
    for group in machines:
        findings += [*_check_quota(group), *_check_masks(group, machines)]
    yield from findings or [Finding.ok("; ".join(dict.fromkeys(map(_describe, machines))))]


def _check_quota(group: Sequence[Facts]) -> Iterator[Finding]:
    """Compare the limit of each control group with the ranks in it."""
    for name in dict.fromkeys(one.machine.group for one in group):
        members = [one for one in group if one.machine.group == name]
        quota, ranks = members[0].machine.quota, len(members)
        if quota is not None and quota < ranks:
            yield QUOTA.found(
                f"{ranks} rank(s) on {group[0].host} may use the time of {quota:g} processors, of "
                f"{group[0].machine.processors} that there are",
                cure=_start_fewer(group[0], int(quota)) if ranks > 1 else "docker run --cpus=1 ...",
            )


def _check_masks(group: Sequence[Facts], machines: Sequence[Sequence[Facts]]) -> Iterator[Finding]:
    """Look whether each rank of a machine can have a processor, and a core, of its own."""
    first, there = group[0], group[0].machine.processors
    crowd = find_crowd({one.rank: one.cores for one in group})
    if crowd:
        theirs = _unite(one.cores for one in group if one.rank in crowd)
        seen = (
            f"{format_ranks(crowd)} on {first.host} may use {_name_processors(theirs)}, of {there} "
            "that there are"
        )
        all_cores = len(_unite(one.cores for one in group))
        idle = all_cores >= len(group) or (len(theirs) == 1 and there > 1)
        fewer = _start_fewer(first, _count_places(machines))
        if idle:
            yield BOUND_TOGETHER.found(seen, command=start_bound(first))
        else:
            yield TOO_MANY.found(seen, command=fewer)
    elif crowd := find_crowd({one.rank: set(one.machine.core_of) for one in group}):
        cores = _unite(one.machine.core_of for one in group if one.rank in crowd)
        yield HARDWARE_THREADS.found(
            f"{format_ranks(crowd)} on {first.host} have {len(cores)} core(s)",
            command=_start_fewer(first, len(cores) * len(machines)),
        )


def _count_places(machines: Sequence[Sequence[Facts]]) -> int:
    return sum(min(len(group), len(_unite(one.cores for one in group))) for group in machines)


def _start_fewer(first: Facts, ranks: int) -> str:
    return mend_launch(first.library_text or "", first.launcher or "", max(1, ranks))


def _unite(masks: Iterable[Collection[int]]) -> list[int]:
    return sorted({number for mask in masks for number in mask})


def _name_processors(numbers: Sequence[int]) -> str:
    """Say ``processors 0-3``, as it is done with ranks."""
    if len(numbers) == 1:
        return f"processor {numbers[0]} only"
    return format_ranks(numbers).replace("ranks", "processors") + " only"


def _describe(group: Sequence[Facts]) -> str:
    cores = _unite(one.machine.core_of for one in group)
    processors = _unite(one.cores for one in group)
    threads = f" ({len(processors)} hardware threads)" if len(processors) > len(cores) else ""
    quota = group[0].machine.quota
    limit = f", the time of {quota:g}" if quota is not None else ""
    return f"{len(group)} rank(s) on {len(cores)} core(s){threads}{limit}"


CHECK = Check(
    name="cores",
    title="Cores",
    scope="job",
    kinds=(BOUND_TOGETHER, TOO_MANY, HARDWARE_THREADS, QUOTA),
    run=compare_cores,
)
