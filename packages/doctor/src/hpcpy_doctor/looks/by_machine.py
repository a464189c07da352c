"""The processes of each machine."""

from collections.abc import Iterable

from hpcpy_doctor.facts import Facts

__all__ = ["by_machine"]


def by_machine(facts: Iterable[Facts]) -> list[tuple[Facts, ...]]:
    """Return the processes of each machine, told apart by its boot, not by its name. Local."""
    machines: dict[str, list[Facts]] = {}
    for one in facts:
        machines.setdefault(one.machine.boot, []).append(one)
    return [tuple(group) for group in machines.values()]
