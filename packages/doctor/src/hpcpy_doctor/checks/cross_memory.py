"""Whether processes of one machine can reach each other's memory, as MPI does for speed."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from hpcpy_doctor.check import Check
from hpcpy_doctor.facts import Facts
from hpcpy_doctor.finding import Finding
from hpcpy_doctor.looks import memory_kinds as kinds
from hpcpy_doctor.looks.ask_child import NoAnswerError, ask_child
from hpcpy_doctor.looks.by_machine import by_machine
from hpcpy_doctor.looks.container import find_container
from hpcpy_doctor.looks.own_memory import read_memory
from hpcpy_doctor.looks.vendors import find_family
from hpcpy_doctor.merge import format_ranks

__all__ = ["CHECK", "compare_memory"]

PTRACE = Path("/proc/sys/kernel/yama/ptrace_scope")

ASKS_NOT = ("MPIR_CVAR_CH4_CMA_ENABLE", "0")
"""MPICH then copies twice, and does not try."""

PROC_LINK = "UCX_POSIX_USE_PROC_LINK=n"


def compare_memory(
    facts: tuple[Facts, ...],
    *,
    ptrace: Path = PTRACE,
    read: Callable[[int, int], str] = read_memory,
) -> Iterator[Finding]:
    """Read the memory of the other processes of this machine, which wait meanwhile. Local.

    Parameters
    ----------
    facts
        Of all processes; the first is this one.
    ptrace
        Where the kernel tells who may trace whom.
    read
        Returns what is at an address of a process, in hexadecimal; OSError if that is refused.
    """
    own = facts[0]
    near = [one for one in facts[1:] if _is_near(one, own)]
    findings = [*_compare_shared(facts)]
    refusals = dict(_try_others(own, near, read)) if near else _try_siblings()
    scope = _read_scope(ptrace)
    alike = all(one.namespaces.get("user") == own.namespaces.get("user") for one in near)
    if refusals and alike and scope:
        # An MPI asks its ranks to allow it, which the doctor's processes have not done.
        findings.append(kinds.RESTRICTED.found(f"kernel.yama.ptrace_scope is {scope}"))
    elif refusals:
        findings += _say_refused(own, refusals)
    reached = f"rank {own.rank} reads the memory of {len(near)} other rank(s)"
    alone = "a process reads the memory of another one with the same parent"
    yield from findings or [Finding.ok(reached if near else alone)]


def _read_scope(ptrace: Path) -> int:
    try:
        return int(ptrace.read_text())
    except (OSError, ValueError):  # a kernel without Yama
        return 0


def _compare_shared(facts: Sequence[Facts]) -> Iterator[Finding]:
    for group in by_machine(facts):
        devices = defaultdict(list)
        for one in group:
            devices[one.machine.shared].append(one.rank)
        # Hosts that are emulated on one machine have names of their own: that is meant.
        if len(devices) > 1 and len({one.host for one in group}) == 1:
            seen = " and ".join(format_ranks(ranks) for ranks in list(devices.values())[:3])
            yield kinds.SEPARATE.found(
                f"{len(devices)} different /dev/shm on {group[0].host}: {seen}",
                cure=_start_inside(group[0]) or "docker run --ipc=host ...",
            )


def _is_near(one: Facts, own: Facts) -> bool:
    same = one.machine.boot == own.machine.boot and one.host == own.host
    return same and one.machine.memory_at != 0


def _try_others(
    own: Facts, near: Sequence[Facts], read: Callable[[int, int], str]
) -> Iterator[tuple[str, list[int]]]:
    """Yield why the memory of some ranks cannot be read, and which ones they are."""
    refused: dict[str, list[int]] = defaultdict(list)
    for one in near:
        if words := _try_one(own, one, read):
            refused[words].append(one.rank)
    yield from refused.items()


def _try_one(own: Facts, one: Facts, read: Callable[[int, int], str]) -> str | None:
    if one.namespaces.get("pid") != own.namespaces.get("pid"):
        return "process numbers of one mean nothing to the other"
    try:
        held = read(one.pid, one.machine.memory_at)
    except OSError as error:
        return error.strerror or str(error)
    if held != one.machine.memory_holds:
        return "something else is at that address"
    if one.namespaces.get("user") != own.namespaces.get("user"):
        return "allowed, but not the other way round"
    return None


def _try_siblings() -> dict[str, list[int]]:
    """Let one process of our own read another: a sibling, as ranks are."""
    try:
        words = ask_child("hpcpy_doctor.looks.own_memory").get("error")
    except NoAnswerError as error:
        words = str(error)
    return {words: []} if words else {}


def _say_refused(own: Facts, refusals: Mapping[str, list[int]]) -> Iterator[Finding]:
    family = find_family(own.library_text)
    variable, value = ASKS_NOT
    kind = (
        kinds.REFUSED if family == "MPICH" and own.environ.get(variable) != value else kinds.TWICE
    )
    for words, ranks in refusals.items():
        whom = format_ranks(ranks) if ranks else "a process with the same parent"
        yield kind.found(
            f"rank {own.rank} may not read the memory of {whom}: {words}",
            cure=_start_inside(own, "--sharens") or f"export {variable}={value} {PROC_LINK}",
        )


def _start_inside(own: Facts, option: str = "") -> str | None:
    """Return how to enter an Apptainer container so that ranks share it; None elsewhere."""
    container = find_container(own.environ)
    if container is None or container.kind not in ("Apptainer", "Singularity"):
        return None
    words = ["mpiexec -n", str(own.size), container.kind.lower(), "exec", option, container.image]
    return " ".join([*(word for word in words if word), "hpcpy-doctor"])


CHECK = Check(
    name="cross_memory",
    title="Memory of ranks",
    scope="job",
    kinds=kinds.MEMORY_KINDS,
    run=compare_memory,
)
