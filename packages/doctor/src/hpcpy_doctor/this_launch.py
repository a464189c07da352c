"""Try this very launch: every process of it starts MPI, in a child that may crash or hang."""

from collections.abc import Callable, Mapping
from time import monotonic, sleep, time

from hpcpy_doctor.facts import Facts
from hpcpy_doctor.finding import Finding
from hpcpy_doctor.follower import Follower
from hpcpy_doctor.judge_launch import Tried, judge_launch
from hpcpy_doctor.mailbox import Letter, Mailbox
from hpcpy_doctor.probing.story import read_story
from hpcpy_doctor.reporter import PAUSE, Reporter
from hpcpy_doctor.start_mpi import Attempt

__all__ = ["NAME", "OWN", "TITLE", "follow_launch", "try_launch"]

NAME, TITLE = "this_launch", "This launch"

GRACE = 1.0
"""Seconds for the others once one has died, since they mostly wait for it."""

LAST_GRACE = 0.4
"""Seconds where the launcher ends the job: PRRTE kills a second after it has said so."""

OWN = "own"
"""The reporting process's name among the others."""


def try_launch(
    reporter: Reporter,
    mailbox: Mailbox,
    facts: Mapping[str, Facts],
    seconds: float,
    was_ended: Callable[[], bool],
) -> tuple[Finding, ...]:
    """Let all processes start MPI, wait for them, and judge. Local: the others follow.

    Parameters
    ----------
    reporter
        This process.
    mailbox
        Where it meets the others.
    facts
        Of every process by its name there, this one's being `OWN`; ordered by rank.
    seconds
        The deadline.
    was_ended
        Tells whether the launcher ends the job, so that there is nothing to wait for.

    Raises
    ------
    OSError
        If there is no place for files, or no process can be made.
    """
    reporter.send("launch", {"seconds": seconds})
    ends: dict[str, Letter] = {}
    with _start(mailbox, OWN, seconds) as attempt:
        while not attempt.is_late and (OWN not in ends or reporter.lacks(ends)):
            _note_ends(ends, reporter, attempt)
            if was_ended():
                attempt.hurry(LAST_GRACE)
            elif any(end["code"] for end in ends.values()):
                attempt.hurry(GRACE)
            sleep(PAUSE)
    reporter.send("enough", {})
    until = monotonic() + GRACE
    while reporter.lacks(ends) and monotonic() < until and not was_ended():
        _note_ends(ends, reporter, attempt)
        sleep(PAUSE)
    _note_ends(ends, reporter, attempt)
    tried = [_read(mailbox, name, one.rank, ends.get(name)) for name, one in facts.items()]
    return tuple(judge_launch(tried, list(facts.values()), reporter.launch.size))


def follow_launch(follower: Follower, seconds: float, was_ended: Callable[[], bool]) -> None:
    """Start MPI as the process that reports has asked for, and tell how it ended. Local.

    Raises
    ------
    OSError
        If there is no place for files, or no process can be made.
    """
    with _start(follower.mailbox, follower.token, seconds) as attempt:
        while attempt.poll() is None and not attempt.is_late:
            if was_ended() or follower.take("enough") is not None:
                break
            sleep(PAUSE)
        code = attempt.poll()
    follower.say("tried", {"code": code, "at": time()})


def _start(mailbox: Mailbox, name: str, seconds: float) -> Attempt:
    story, words = (mailbox.place(f"{name}.{what}") for what in ("story", "words"))
    return Attempt.start(story, words, seconds)


def _note_ends(ends: dict[str, Letter], reporter: Reporter, attempt: Attempt) -> None:
    ends.update(reporter.take("tried"))
    if OWN not in ends and (code := attempt.poll()) is not None:
        ends[OWN] = {"code": code, "at": time()}


def _read(mailbox: Mailbox, name: str, rank: int, end: Letter | None) -> Tried:
    """Return what a child has left, and remove it."""
    story, words = (mailbox.find(f"{name}.{what}") for what in ("story", "words"))
    told = read_story(story) if story else []
    said = words.read_text(errors="replace") if words else ""
    for what in ("story", "words"):
        mailbox.drop(f"{name}.{what}")
    return Tried(
        rank=rank,
        told=told[0] if told else None,
        code=end["code"] if end else None,
        at=end["at"] if end else 0.0,
        words=said,
    )
