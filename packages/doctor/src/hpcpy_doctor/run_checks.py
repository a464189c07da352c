"""Run a check under a deadline; one that fails is a finding, too."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from time import perf_counter

from hpcpy_doctor.check import Check
from hpcpy_doctor.facts import Facts
from hpcpy_doctor.finding import Finding
from hpcpy_doctor.own_kinds import CHECK_FAILED

__all__ = ["PASSIVE_SECONDS", "Examined", "run_check"]

PASSIVE_SECONDS = 10.0
"""For a check that only looks: each tool that it asks has a deadline of half of it."""

GRACE = 5.0
"""For an active check to end what it has started."""


@dataclass(frozen=True, kw_only=True)
class Examined:
    """What a check has found.

    Attributes
    ----------
    name
        Of the check.
    findings
        At least one.
    seconds
        How long it took.
    """

    name: str
    findings: tuple[Finding, ...]
    seconds: float


def run_check(check: Check, facts: tuple[Facts, ...], *, limit: float | None = None) -> Examined:
    """Run a check to its end, or to its deadline. Local.

    Parameters
    ----------
    check
        It runs in a thread of its own: a look at a dead file system never ends, and heeds no
        signal.
    facts
        What it is given.
    limit
        Seconds after which it is left alone; None takes its own, or `PASSIVE_SECONDS`.
    """
    limit = limit or (check.seconds + GRACE if check.scope == "active" else PASSIVE_SECONDS)
    began = perf_counter()
    findings: list[Finding] = []

    def examine() -> None:
        try:
            _collect(check.run(facts), findings)
        except Exception as error:
            findings.append(_fail(check, f"{type(error).__name__}: {error}"))

    thread = threading.Thread(target=examine, daemon=True)
    thread.start()
    thread.join(limit)
    seen = tuple(findings)  # it may go on and find more
    if thread.is_alive():
        seen = (*seen, _fail(check, f"it has not ended after {limit:g} s"))
    return Examined(name=check.name, findings=seen, seconds=perf_counter() - began)


def _collect(found: Iterable[Finding], into: list[Finding]) -> None:
    for finding in found:
        if not isinstance(finding, Finding):
            raise TypeError(f"{finding!r} is no Finding")
        into.append(finding)
    if not into:
        raise ValueError("it has found nothing, not even that all is well")


def _fail(check: Check, seen: str) -> Finding:
    return CHECK_FAILED.found(f"{check.name}: {seen}", name=check.name)
