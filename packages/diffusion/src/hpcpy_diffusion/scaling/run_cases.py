"""Run the cases in turn, A B C A B C, each as a job of its own under a deadline."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isclose
from typing import Any

from hpcpy_core.errors import HpcpyError
from hpcpy_core.tools import TOO_LONG, complete_tool
from hpcpy_diffusion.scaling.launcher import Launcher
from hpcpy_diffusion.scaling.plan import Case, count_ranks

__all__ = ["Outcome", "run_cases"]

RUN = (sys.executable, "-m", "hpcpy_diffusion", "run", "--json", "--quiet", "--no-plot")
LAST_WORDS = 1500
"""Characters; Open MPI needs that many to say that there are too few slots."""

SAME_MASS = {"float64": 1e-12, "float32": 1e-5}
"""Relative: the field is the same to the last bit, but ranks add it up in another order."""


@dataclass(kw_only=True)
class Outcome:
    """What came of a case: a report of every repeat, or what went wrong."""

    case: Case
    reports: list[dict[str, Any]] = field(default_factory=list)
    failed: str | None = None


def run_cases(
    cases: Sequence[Case],
    launcher: Launcher,
    options: Sequence[str],
    *,
    repeats: int,
    timeout: float,
    environ: Mapping[str, str],
    tell: Callable[[str], None],
) -> list[Outcome]:
    """Run every case `repeats` times, in turn, so that drift hits all alike. Local.

    A case that fails is not tried again; the others go on.

    Parameters
    ----------
    options
        Of ``hpcpy-diffusion run``: the problem and how it is solved.
    timeout
        Seconds after which a job is ended.
    environ
        For the jobs.
    tell
        Gets a line after every job.
    """
    outcomes = [Outcome(case=case) for case in cases]
    for turn in range(1, repeats + 1):
        for outcome in outcomes:
            if outcome.failed is not None:
                continue
            case = outcome.case
            overrides = [word for each in case.overrides for word in ("--set", each)]
            command = launcher.command(case.ranks, [*RUN, *options, *overrides])
            try:
                report = _run(command, case, timeout, environ)
                _check_mass(report, case, outcomes)
            except HpcpyError as error:
                outcome.failed = str(error)
                tell(f"{case}: failed: {error}")
            else:
                outcome.reports.append(report)
                speed = report["gcells_per_second"]
                tell(f"{turn}/{repeats} {case}: {speed:.3g} Gcell/s")
    return outcomes


def _run(
    command: list[str], case: Case, timeout: float, environ: Mapping[str, str]
) -> dict[str, Any]:
    """Run one job; return its report."""
    done = complete_tool(command, timeout, environ=environ)
    words = _cut(done.stderr.strip() or done.stdout.strip())
    if done.returncode in TOO_LONG:
        raise HpcpyError(f"ended after {timeout:g} s (--timeout). {words}".rstrip())
    if done.returncode:
        raise HpcpyError(f"exit code {done.returncode}: {words}")
    try:
        report: dict[str, Any] = json.loads(done.stdout)
        ranks = report["ranks"]
    except (ValueError, KeyError, TypeError) as error:
        raise HpcpyError(f"the job printed no report: {words}") from error
    if ranks != case.ranks:
        raise HpcpyError(f"the launcher started {count_ranks(ranks)}, not {case.ranks}")
    return report


def _cut(words: str) -> str:
    """Return the last lines, as many as `LAST_WORDS` holds."""
    if len(words) <= LAST_WORDS:
        return words
    return "... " + words[-LAST_WORDS:].partition("\n")[2]


def _check_mass(report: dict[str, Any], case: Case, outcomes: Sequence[Outcome]) -> None:
    """Refuse to compare the speeds of different results."""
    parameters = case.parameters
    tolerance = SAME_MASS[parameters.dtype]
    for other in outcomes:
        if other.case.parameters == parameters and other.reports:
            known, mass = other.reports[0]["mass"], report["mass"]
            cell = parameters.spacing**2  # positive and negative densities may add up to nothing
            if not isclose(mass, known, rel_tol=tolerance, abs_tol=tolerance * cell):
                raise HpcpyError(
                    f"mass {mass!r}, but {known!r} on {count_ranks(other.case.ranks)}: "
                    "this is another result, and its speed means nothing"
                )
            return
