"""Facts and findings as plain values, for the way from one process to another."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from hpcpy_core.masking import mask_plain
from hpcpy_doctor.facts import Facts
from hpcpy_doctor.finding import Finding
from hpcpy_doctor.looks.machine import Machine
from hpcpy_doctor.run_checks import Examined

__all__ = ["pack", "unpack"]


def pack(facts: Facts, examined: Sequence[Examined]) -> dict[str, Any]:
    """Return what a process says of itself, as values of JSON, without credentials. Local."""
    return {"facts": asdict(facts), "examined": [mask_plain(asdict(one)) for one in examined]}


def unpack(said: Mapping[str, Any]) -> tuple[Facts, tuple[Examined, ...]]:
    """Return what `pack` was given. Local."""
    told = said["facts"]
    machine = Machine.read(told["machine"])
    facts = Facts(**{**told, "cores": tuple(told["cores"]), "machine": machine})
    examined = tuple(
        Examined(**{**one, "findings": tuple(Finding(**found) for found in one["findings"])})
        for one in said["examined"]
    )
    return facts, examined
