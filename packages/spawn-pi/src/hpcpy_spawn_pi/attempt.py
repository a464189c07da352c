"""One cell of the support table: a mode under a launcher, in an expendable job."""

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from hpcpy_core.expendable import scrub
from hpcpy_core.tools import TOO_LONG, complete_tool
from hpcpy_spawn_pi.parameters import Mode

__all__ = ["Attempt", "Way", "attempt", "find_reason"]

Way = Mode | None
"""A mode of the command, or None for MPI_Comm_spawn alone: no guard, no shield, no pre-check."""

SPARE_SECONDS = 15.0
"""Beyond the guard's timeout, for what is not its wait: imports, the trial, the launcher."""


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """What came of it.

    Attributes
    ----------
    outcome
        For a table: ``works``, ``refused``, ``hangs``; for auto what it chose.
    seconds
        The whole job's.
    reason
        What it said where it did not work, or why auto chose so.
    report
        Of a run that worked; empty otherwise.
    """

    outcome: str
    seconds: float
    reason: str = ""
    report: dict[str, Any]


def attempt(launcher: Sequence[str], way: Way, workers: int, timeout: float) -> Attempt:
    """Try one way under one launcher. Local: it starts the job and waits for its end.

    Parameters
    ----------
    launcher
        The beginning of the command line; empty for a singleton.
    way
        What to try.
    workers
        How many.
    timeout
        Of the guard; the job is ended some seconds after it.
    """
    python = [sys.executable, "-P", "-m"]
    if way is None:
        argv = ["hpcpy_spawn_pi.trial", str(workers)]
    else:
        argv = ["hpcpy_spawn_pi", "run", f"--mode={way}", f"--workers={workers}"]
        argv += ["--intervals=1e7", f"--timeout={timeout}", "--json"]
    began = perf_counter()
    done = complete_tool(
        [*launcher, *python, *argv], timeout + SPARE_SECONDS, environ=scrub(os.environ)
    )
    seconds = perf_counter() - began
    if done.returncode in TOO_LONG:
        return Attempt(outcome="hangs", seconds=seconds, reason=find_reason(done.stderr), report={})
    if done.returncode:
        said = find_reason(done.stderr or done.stdout)
        refused = way is not None and done.returncode == 2
        outcome = "refused" if refused else "fails" if said.startswith("error:") else "aborts"
        return Attempt(outcome=outcome, seconds=seconds, reason=said, report={})
    if way is None:
        works = f"spawned {workers}" in done.stdout
        return Attempt(outcome="works" if works else "silent", seconds=seconds, report={})
    report = json.loads(done.stdout)
    chosen = report["mode"]
    return Attempt(
        outcome=chosen["name"] if way == "auto" else "works",
        seconds=seconds,
        reason=chosen["reason"] if way == "auto" else "",
        report=report,
    )


def find_reason(words: str) -> str:
    """Return the line that says most among what a launcher and its ranks printed. Local.

    Programs of this environment are named without its path, which says nothing elsewhere.
    """
    here = f"{Path(sys.executable).parent}{os.sep}"
    lines = [" ".join(line.split()) for line in words.replace(here, "").splitlines()]
    for wanted in ("error: ", "not enough slots", "unknown error", "failure", "error"):
        for line in lines:
            if wanted in line.lower():
                return line[line.find("error: ") :] if "error: " in line else line
    return next((line for line in reversed(lines) if line), "nothing was said")
