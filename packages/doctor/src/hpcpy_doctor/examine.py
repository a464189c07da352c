"""The way of an examination through this process: look, meet the others, report or follow."""

from dataclasses import replace
from time import time

from hpcpy_core.errors import HpcpyError
from hpcpy_doctor.facts import Facts, collect_facts
from hpcpy_doctor.find_launch import Launch, find_launch
from hpcpy_doctor.follower import Follower
from hpcpy_doctor.meet import claim, meet
from hpcpy_doctor.outlive import on_terminate
from hpcpy_doctor.plan import Plan
from hpcpy_doctor.process import measure_age
from hpcpy_doctor.report import report
from hpcpy_doctor.reporter import Reporter
from hpcpy_doctor.run_checks import GRACE, Examined, run_check
from hpcpy_doctor.this_launch import follow_launch
from hpcpy_doctor.travel import pack

__all__ = ["examine"]

HEARING_SECONDS = 3.0
"""To wait for another process, beyond what this one has taken for its own start."""

QUIET_SECONDS = 1.0
"""To wait for processes that nobody has announced, or that are late already."""

PATIENCE = 60.0
"""Seconds for the process that reports, beyond all deadlines of what it does."""


def examine(plan: Plan) -> int:
    """Examine this launch, and return the exit code that all of its processes share. Local.

    Raises
    ------
    HpcpyError
        If the process that reports does not say how it ended.
    """
    launch = find_launch()
    part = meet(launch)
    facts = collect_facts()
    examined = tuple(run_check(check, (facts,)) for check in plan.of("process"))
    own_start = measure_age()  # on a busy machine, the others take as long
    patience = own_start + (HEARING_SECONDS if launch.rank is not None else QUIET_SECONDS)
    if isinstance(part, Follower) and not part.sees_reporter(patience):
        part, patience = _take_over(launch, part), QUIET_SECONDS
    if isinstance(part, Reporter):
        return report(part, plan, facts, examined, patience)
    try:
        return _follow(part, plan, facts, examined)
    finally:
        part.leave()


def _take_over(launch: Launch, follower: Follower) -> Reporter | Follower:
    """Report in place of rank 0, unless another one does."""
    try:
        return claim(launch, follower.mailbox) or follower
    except OSError:
        return follower


def _follow(follower: Follower, plan: Plan, facts: Facts, examined: tuple[Examined, ...]) -> int:
    try:
        follower.say_hello(pack(replace(facts, clock=time()), examined))
    except OSError:
        return 0  # the process that reports says that it has not heard this one
    deadlines = [check.seconds + GRACE for check in plan.of("active")]
    patience = sum(deadlines) + plan.options.deadline + PATIENCE
    heard = follower.hear(["launch", "leave"], patience)
    if heard and heard[0] == "launch":
        follow_launch(follower, float(heard[1]["seconds"]), on_terminate())
        heard = follower.hear(["leave"], patience)
    if heard is None:
        raise HpcpyError("the process that reports has ended, or says nothing: see its own output")
    return int(heard[1]["code"])
