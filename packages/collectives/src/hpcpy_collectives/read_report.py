"""Read a report of ``bench`` for the commands that work on it. Starts no MPI."""

import json
from pathlib import Path
from typing import Any

from hpcpy_core.errors import InputError
from hpcpy_core.files.regular import read_bounded
from hpcpy_core.report import SCHEMA_VERSION

__all__ = ["COMMAND", "Key", "read_measurements", "read_report"]

COMMAND = "hpcpy-collectives bench"
"""By which a report of the benchmark is known."""

MOST = 2**26
"""Bytes; a report of all operations has some 100 KB."""
SHOWN = 200
"""Characters of what is wrong."""

Key = tuple[str, str, int]
"""Operation, API and size in bytes."""


def read_report(path: Path) -> dict[str, Any]:
    """Return the report in a file. Local.

    Raises
    ------
    InputError
        If the file cannot be read, or holds no report of `bench` of this schema.
    """
    cure = "write one with: hpcpy-collectives bench --output FILE.json"
    try:
        report = json.loads(read_bounded(path, MOST))
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}; {cure}") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is not JSON ({str(error)[:SHOWN]}); {cure}") from error
    if not isinstance(report, dict) or report.get("command") != COMMAND:
        raise InputError(f"{path} is not a report of {COMMAND}; {cure}")
    if report.get("schema") != SCHEMA_VERSION:
        raise InputError(
            f"{path} has schema {report.get('schema')}, but this version reads schema "
            f"{SCHEMA_VERSION}: measure again, or use the hpcpy-collectives that wrote it"
        )
    return report


def read_measurements(path: Path) -> dict[Key, dict[str, Any]]:
    """Return the measurements in a file. Local.

    Raises
    ------
    InputError
        As `read_report`, and if there are none or one lacks its figures.
    """
    try:
        found = {
            (str(row["op"]), str(row["api"]), int(row["size"])): {
                "unit": row["unit"],
                "median": float(row["median"]),
            }
            for row in read_report(path)["measurements"]
        }
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path} lacks a figure ({repr(error)[:SHOWN]}): measure again") from error
    if not found or not all(row["median"] > 0 for row in found.values()):
        raise InputError(f"{path} holds no measurements, or one that is not above 0: measure again")
    return found
