"""What a process knows of its machine, as plain values that other processes can compare."""

import os
import resource
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hpcpy_doctor.looks.cpu_limit import find_group, measure_quota
from hpcpy_doctor.looks.host_name import resolve_host
from hpcpy_doctor.looks.interfaces import list_addresses, list_interfaces
from hpcpy_doctor.looks.own_memory import show_memory

__all__ = ["Machine", "look_at_machine"]

PROC, SYS, SHARED = Path("/proc"), Path("/sys"), Path("/dev/shm")


@dataclass(frozen=True, kw_only=True)
class Machine:
    """The machine that a process is on, as that process sees it.

    Attributes
    ----------
    boot
        Tells one machine from all others, whatever their names are.
    processors
        How many hardware threads there are.
    core_of
        For each processor of the affinity mask: the first processor of the same core.
    group, quota
        The control groups, and the processors' time that they leave; None without a limit.
    shared
        The device of ``/dev/shm``: alike in processes that share memory there.
    interfaces, addresses
        Names of all network interfaces; name and IPv4 address of those that are up.
    name_addresses
        Of the host's name; None if the name server does not answer.
    fabrics, locked
        InfiniBand and the like; bytes that a process may lock in memory, None without a limit.
    memory_at, memory_holds
        An address, and what is there: another process may try to read it.
    """

    boot: str = ""
    processors: int = 1
    core_of: tuple[int, ...] = ()
    group: str = ""
    quota: float | None = None
    shared: str = ""
    interfaces: tuple[str, ...] = ()
    addresses: tuple[tuple[str, str], ...] = ()
    name_addresses: tuple[str, ...] | None = None
    fabrics: tuple[str, ...] = ()
    locked: int | None = None
    memory_at: int = 0
    memory_holds: str = ""

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> "Machine":
        """Return it as it was before it was sent as JSON. Local."""
        restored = {name: _restore(value) for name, value in said.items()}
        return cls(**restored)


def look_at_machine(proc: Path = PROC, sys: Path = SYS, shared: Path = SHARED) -> Machine:
    """Look around. Local; what the system does not tell is left as if it were not there.

    Parameters
    ----------
    proc, sys, shared
        Where the kernel shows what it knows, and where processes share memory.
    """
    soft, _ = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    address, content = show_memory()
    return Machine(
        boot=_read(proc / "sys" / "kernel" / "random" / "boot_id"),
        processors=os.cpu_count() or 1,
        core_of=tuple(_find_core(sys, number) for number in sorted(os.sched_getaffinity(0))),
        group=find_group(proc / "self" / "cgroup"),
        quota=measure_quota(proc / "self" / "cgroup", proc / "self" / "mountinfo"),
        shared=_find_device(shared),
        interfaces=list_interfaces(),
        addresses=list_addresses(),
        name_addresses=resolve_host(socket.gethostname()),
        fabrics=_list_names(sys / "class" / "infiniband"),
        locked=None if soft == resource.RLIM_INFINITY else soft,
        memory_at=address,
        memory_holds=content,
    )


def _find_core(sys: Path, number: int) -> int:
    folder = sys / "devices" / "system" / "cpu" / f"cpu{number}" / "topology"
    first = _read(folder / "thread_siblings_list").replace("-", ",").partition(",")[0]
    return int(first) if first.isdigit() else number


def _find_device(folder: Path) -> str:
    try:
        device = folder.stat().st_dev
    except OSError:
        return ""
    return f"{os.major(device)}:{os.minor(device)}"


def _list_names(folder: Path) -> tuple[str, ...]:
    try:
        return tuple(sorted(path.name for path in folder.iterdir()))
    except OSError:
        return ()


def _read(file: Path) -> str:
    try:
        return file.read_text(errors="replace").strip()
    except OSError:
        return ""


def _restore(value: Any) -> Any:  # noqa: ANN401 - whatever JSON makes of plain values
    return tuple(map(_restore, value)) if isinstance(value, list) else value
