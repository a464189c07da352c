"""Judge a launch: is it green, and if not, which rank is to blame, in which test."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from hpcpy_testing.run_job import Completed
from hpcpy_testing.story import Story

__all__ = ["Blame", "Verdict", "judge"]

USAGE = re.compile(
    r"error: unrecognized arguments: .*|ImportError while loading conftest .*|"
    r"(?<=^ERROR: )(?!usage: ).*|(?<=: error: ).*",
    re.MULTILINE,
)
"""What pytest says of options and settings with which it cannot start."""


@dataclass(frozen=True, kw_only=True)
class Blame:
    """What went wrong, on which rank (None: on the job as a whole), in which test."""

    rank: int | None
    where: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The outcome of one launch: green if nobody is to blame.

    Attributes
    ----------
    nothing
        Whether it executed none, because the user chose tests that are elsewhere.
    """

    blames: tuple[Blame, ...]
    tests: Counter[str]
    nothing: bool = False


def judge(
    stories: Sequence[Story], completed: Completed, *, first_lost: int | None, logs: Sequence[str]
) -> Verdict:
    """Judge a launch by its exit code and by the marker of every rank. Local.

    Parameters
    ----------
    stories
        What each rank's journal tells.
    completed
        What mpiexec returned.
    first_lost
        The rank whose process was the first to end without a marker.
    logs
        The output of each rank.
    """
    blames = (
        _apart(stories)
        or _refused(stories)
        or _failures(stories)
        or _late(stories, completed)
        or _lost(stories, first_lost, logs)
        or _rest(stories, completed, logs)
    )
    nothing = not blames and any(story.unselected for story in stories)
    return Verdict(blames=tuple(blames), tests=_count(stories, blames), nothing=nothing)


def _apart(stories: Sequence[Story]) -> list[Blame]:
    """Find out ranks that are not one job, whatever they tell."""
    ranks = len(stories)
    worlds = {story.world for story in stories if story.world not in (None, ranks)}
    if not worlds:
        return []
    why = (
        f"the ranks are worlds of {worlds.pop()}, not one of {ranks}: mpiexec and mpi4py "
        "use different MPIs; name the right mpiexec with --mpiexec"
    )
    return [Blame(rank=None, where="", why=why)]


def _refused(stories: Sequence[Story]) -> list[Blame]:
    """Blame the job, once, for what its ranks do not agree on."""
    told = [story.refused for story in stories if story.refused]
    return [Blame(rank=None, where=told[0].where, why=told[0].why)] if told else []


def _failures(stories: Sequence[Story]) -> list[Blame]:
    """Blame the ranks that said themselves what failed: others were only ended by them."""
    blames = []
    for story in stories:
        told = story.failures
        if told:
            blames.append(Blame(rank=story.rank, where=told[0].where, why=told[0].why))
        elif story.status and not story.follows:
            why = f"its session ended with status {story.status}"
            blames.append(Blame(rank=story.rank, where=story.where, why=why))
    return blames


def _late(stories: Sequence[Story], completed: Completed) -> list[Blame]:
    """Blame the job: the ranks that the time-out ended are all alike."""
    if not completed.timed_out:
        return []
    unfinished = [story.where for story in stories if story.status is None]
    why = f"ended after {completed.seconds:.0f} s, the time given to one launch (--timeout)"
    return [Blame(rank=None, where=(unfinished or [stories[0].where])[0], why=why)]


def _lost(stories: Sequence[Story], first_lost: int | None, logs: Sequence[str]) -> list[Blame]:
    """Blame the rank that was lost first, or else those whose deadline passed."""
    if first_lost is not None and stories[first_lost].silent:
        return [_silent(stories[first_lost], logs[first_lost])]
    return [
        Blame(rank=story.rank, where=story.expired.where, why=story.expired.why)
        for story in stories
        if story.expired
    ]


def _rest(stories: Sequence[Story], completed: Completed, logs: Sequence[str]) -> list[Blame]:
    """Blame every rank without a marker, even where mpiexec returned 0."""
    if silent := [story for story in stories if story.silent]:
        return [_silent(story, logs[story.rank]) for story in silent]
    if completed.returncode:
        why = f"every rank passed, then mpiexec returned {completed.returncode}: see MPI_Finalize"
        return [Blame(rank=None, where=stories[0].where, why=why)]
    return []


def _silent(story: Story, log: str) -> Blame:
    fatal = re.search(r"^(Fatal Python error: .*|Timeout \(.*)$", log, re.MULTILINE)
    why = "its process ended without a word (os._exit, a signal, MPI_Abort)"
    if fatal:
        why = f"{fatal[1]} (its log has the stack)"
    if story.pid is None:
        why = "it never started its session"
    if story.world is None and (usage := USAGE.search(log)):
        why = f"pytest refused to start: {usage[0]}"
    return Blame(rank=story.rank, where=story.where, why=why)


def _count(stories: Sequence[Story], blames: Sequence[Blame]) -> Counter[str]:
    """Count each test once, however many ranks ran it."""
    outcomes: dict[str, set[str]] = {}
    for story in stories:
        for where, outcome in story.outcomes.items():
            outcomes.setdefault(where, set()).add(outcome)
    failed = {blame.where for blame in blames}
    failed |= {where for where, seen in outcomes.items() if "failed" in seen}
    tests = Counter(failed=len(failed))
    for where, seen in outcomes.items():
        if where not in failed:
            tests["skipped" if seen == {"skipped"} else "passed"] += 1
    return tests
