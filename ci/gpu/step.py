"""One step: a program under a deadline, with a log of its own, and what came of it."""

import re
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

__all__ = ["LEAST", "Outcome", "Step", "run_step"]

KILL_AFTER = 5
LEAST = 5.0
"""Seconds that must be left for it when a step begins."""

TOO_LONG = (124, 137)
TELLING = re.compile(r"error: |rank \d+ of \d+, in ")
"""The lines by which commands and hpcpy-testing tell what went wrong."""

State = Literal["passed", "failed", "impossible", "left out"]


@dataclass(frozen=True, kw_only=True)
class Step:
    """What is to be run.

    Parameters
    ----------
    name
        Also of its log.
    command
        The program and its arguments.
    seconds
        After which it is ended.
    lacks
        Why it cannot be run here; None if it can.
    environ
        Variables on top of those of all steps.
    output
        The file that takes what it prints; None leaves that in the log.
    """

    name: str
    command: Sequence[str]
    seconds: float
    lacks: str | None = None
    environ: Mapping[str, str] = field(default_factory=dict)
    output: Path | None = None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of a step: `said` is the reason, or the last line of its log if it failed."""

    name: str
    state: State
    seconds: float = 0.0
    said: str = ""


def run_step(step: Step, logs: Path, environ: Mapping[str, str], seconds_left: float) -> Outcome:
    """Run a step, unless it cannot be or too little time is left. Local.

    Its programs are ended with it: ``timeout`` tells mpiexec, which ends its ranks.
    """
    if step.lacks:
        return Outcome(name=step.name, state="impossible", said=step.lacks)
    left = seconds_left - KILL_AFTER
    if left < LEAST:
        return Outcome(name=step.name, state="left out", said="no time was left")
    limit = min(step.seconds, left)
    log = logs / f"{step.name}.log"
    start = time.monotonic()
    with log.open("wb") as errors, (step.output or log).open("ab") as output:
        code = subprocess.run(
            ["timeout", "-k", str(KILL_AFTER), f"{limit:.1f}", *step.command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors if step.output else subprocess.STDOUT,
            env={**environ, **step.environ},
            check=False,
        ).returncode
    seconds = time.monotonic() - start
    if code == 0:
        return Outcome(name=step.name, state="passed", seconds=seconds)
    said = f"ended after {limit:.0f} s" if code in TOO_LONG else last_words(log) or f"exit {code}"
    return Outcome(name=step.name, state="failed", seconds=seconds, said=said)


def last_words(log: Path) -> str:
    """Return the line of a log that says most: the last error, or the last one."""
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines()]
    lines = [line for line in lines if line.strip("-=")]
    errors = [line for line in lines if TELLING.match(line)]
    return (errors or lines or [""])[-1]
