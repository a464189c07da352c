"""What an expendable job of the proof has shown, by what it said and how it ended. Pure."""

import re
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from subprocess import CompletedProcess
from typing import Any

from hpcpy_core.awareness.markers import MARK, read_markers
from hpcpy_core.awareness.operations import Operation
from hpcpy_core.tools import TOO_LONG

__all__ = ["Outcome", "find_words", "read_outcome"]

LONGEST = 300
"""Letters of what a launcher said."""

SIGNALLED = range(128 + 1, 128 + 65)
"""Exit codes of a shell, and of some launchers, for a process that a signal ended."""

NAMED = re.compile(r"\bsignal:? (?:[a-z ]+\()?(\d+)\b", re.IGNORECASE)
"""How launchers name it: ``(signal 11)``, ``signal 11 (Segmentation fault)``."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one job has shown.

    Parameters
    ----------
    started
        What each rank said of itself after MPI_Init; empty if none has come so far.
    failures
        Why operations are not proven.
    stopped_by, stopped_in
        The operation after which nothing was tried any more, and which part of it.
    """

    started: list[dict[str, Any]]
    failures: dict[Operation, str]
    stopped_by: Operation | None = None
    stopped_in: str | None = None


def read_outcome(
    operations: Sequence[Operation], done: "CompletedProcess[str]", trial_seconds: float
) -> Outcome:
    """Tell which operations went wrong, and how.

    Parameters
    ----------
    operations
        That the job was to try, in this order.
    done
        The job.
    trial_seconds
        After which an operation that gives no answer ended its job.
    """
    markers = list(read_markers(done.stdout))
    started = [marker for marker in markers if "started" in marker]
    ranks = started[0]["ranks"] if started else 0
    failures: dict[Operation, str] = {}
    if not started:
        failures[operations[0]] = f"its job did not start: {find_words(done)}"
        return Outcome(started=[], failures=failures, stopped_by=operations[0])
    for operation in operations:
        if len({said["rank"] for said in markers if said.get("right") == operation}) == ranks:
            continue
        missing = [said["why"] for said in markers if said.get("missing") == operation]
        if len(missing) == ranks:
            failures[operation] = f"this MPI has it not: {missing[0]}"
            continue
        wrong = [said["why"] for said in markers if said.get("wrong") == operation]
        tried = [said for said in markers if said.get("trying") == operation]
        why = wrong[0] if wrong else _describe_end(done, trial_seconds)
        failures[operation] = (
            f"{why} ({tried[-1]['part']}, {tried[-1]['bytes']} B)" if tried else why
        )
        part = tried[-1]["part"] if tried else None
        return Outcome(started=started, failures=failures, stopped_by=operation, stopped_in=part)
    if done.returncode:
        end = _describe_end(done, trial_seconds)
        for operation in operations:
            failures.setdefault(operation, f"data were right, but the job ended badly: {end}")
    return Outcome(started=started, failures=failures)


def find_words(done: "CompletedProcess[str]") -> str:
    """Return the words that tell most of why a job has failed."""
    said = done.stderr.splitlines() or [
        line for line in done.stdout.splitlines() if MARK not in line
    ]
    lines = [" ".join(line.split()) for line in said]
    errors = [line.partition("error: ")[2] for line in lines if "error: " in line]
    words = errors[0] if errors else " ".join(line for line in lines if line.strip("-= "))
    return words[-LONGEST:] or "nothing was said"


def _describe_end(done: "CompletedProcess[str]", trial_seconds: float) -> str:
    number = _find_signal(done)
    if done.returncode in TOO_LONG or number == signal.SIGALRM:
        return f"hung: no answer in {trial_seconds:g} s"
    if number:
        return (signal.strsignal(number) or f"signal {number}").lower()
    return f"exit code {done.returncode}: {find_words(done)}"


def _find_signal(done: "CompletedProcess[str]") -> int | None:
    """Return the signal that ended the rank which the launcher saw end first."""
    if done.returncode < 0:
        return -done.returncode
    if done.returncode in SIGNALLED:
        return done.returncode - 128
    named = NAMED.search(" ".join((done.stdout + done.stderr).split()))
    return int(named[1]) if named else None
