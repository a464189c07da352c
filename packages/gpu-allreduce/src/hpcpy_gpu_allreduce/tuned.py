"""What ``tune`` has measured: kept in the user's cache, one file for each environment.

It is JSON, ``{"version": 1, "environment": {...}, "rows": [[4096, "host"], [null, "ring"]],
"digest": "..."}``: each row is a number of bytes and the algorithm that is taken up to it.
"""

import json
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from math import inf
from pathlib import Path
from typing import Any

from hpcpy_core.device import Device
from hpcpy_core.files.json_cache import keep_json, recall_json
from hpcpy_core.selection import library_name
from hpcpy_gpu_allreduce.attached import Attached
from hpcpy_gpu_allreduce.registry import ALGORITHMS
from hpcpy_gpu_allreduce.thresholds import DEFAULTS, Row, Thresholds

__all__ = ["describe_environment", "find_thresholds", "name_file", "store_thresholds"]

FOLDER = "gpu-allreduce"
VERSION = 1


def describe_environment(attached: Attached, device: Device) -> dict[str, Any]:
    """Return what the fastest algorithm depends on, as JSON values. Local."""
    return {
        "mpi": library_name(),
        "ranks": attached.comm.size,
        "nodes": attached.nodes,
        "device": [device.kind, device.name],
        "transport": device.transport.name,
    }


def name_file(environment: Mapping[str, Any]) -> str:
    """Return the name of an environment's file, in the folder of the user's cache. Local."""
    name = blake2b(json.dumps(environment, sort_keys=True).encode(), digest_size=8).hexdigest()
    return f"{name}.json"


def find_thresholds(attached: Attached, device: Device) -> Thresholds:
    """Return the thresholds for a device, tuned or default. Collective at the first call.

    Rank 0 reads the file, so that all have the same. One that is damaged, or of another
    version, is as none.
    """
    known, key = attached.thresholds, (device.kind, device.transport.name)
    if key not in known:
        environment = describe_environment(attached, device)
        tuned = _load(environment) if attached.comm.rank == 0 else None
        known[key] = attached.comm.bcast(tuned, root=0) or DEFAULTS[device.kind]
    return known[key]


def store_thresholds(attached: Attached, device: Device, rows: Sequence[Row]) -> Path:
    """Store what was measured, for later jobs in this environment. Local: one rank calls it.

    Returns
    -------
    Path
        Of the file.

    Raises
    ------
    FileError
        If it cannot be written.
    """
    environment = describe_environment(attached, device)
    table = [[None if row.upto == inf else row.upto, row.algorithm] for row in rows]
    content = {"version": VERSION, "environment": environment, "rows": table}
    return keep_json(FOLDER, name_file(environment), content)


def _load(environment: Mapping[str, Any]) -> Thresholds | None:
    """Read a table; None if there is none for this environment that makes sense."""
    found = recall_json(FOLDER, name_file(environment))
    if found is None:
        return None
    read, path = found
    try:
        if read["version"] != VERSION or read["environment"] != environment:
            return None
        table = [(inf if upto is None else upto, name) for upto, name in read["rows"]]
        rows = [Row(upto=upto, algorithm=name) for upto, name in table]
        limits = [row.upto for row in rows]
        rises = limits == sorted(set(limits)) and limits[-1] == inf
        known = all(row.algorithm in ALGORITHMS for row in rows)
        return Thresholds(rows=rows, origin=f"tuned, {path}") if rises and known else None
    except (ValueError, KeyError, TypeError, IndexError):
        return None
