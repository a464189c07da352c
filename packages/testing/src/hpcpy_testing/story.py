"""What a rank's journal tells, read by the launcher."""

import json
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Failure", "Story", "read_story"]


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Something that went wrong in a test or another part of the session."""

    where: str
    why: str


@dataclass(kw_only=True)
class Story:
    """What one rank did, as far as its journal goes.

    Attributes
    ----------
    pid
        Its process, or None if it never started its session.
    world
        The size of its COMM_WORLD, or None if MPI was not initialised.
    where
        The test, or the other part of the session, that it entered last.
    outcomes
        ``passed``, ``failed`` or ``skipped`` for each test that it finished.
    refused
        What the ranks do not agree on, if that ended the session.
    follows
        Whether it ended because of another rank.
    unselected
        Whether the user's choice of tests (``-k``, ``FILE::TEST``) left it none.
    status
        The exit status of its session, or None if it did not come to the end.
    """

    rank: int
    pid: int | None = None
    world: int | None = None
    where: str = "the start of the session"
    shared_memory: list[str] = field(default_factory=list)
    outcomes: dict[str, str] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    expired: Failure | None = None
    refused: Failure | None = None
    follows: bool = False
    unselected: bool = False
    status: int | None = None

    @property
    def silent(self) -> bool:
        """Whether it neither came to the end nor said why not."""
        said = self.failures or self.expired or self.refused or self.follows
        return self.status is None and not said


def read_story(journal: Path, rank: int) -> Story:
    """Read a journal; a missing one gives the story of a rank that never started."""
    story = Story(rank=rank)
    text = journal.read_text() if journal.exists() else ""
    for line in text.splitlines(keepends=True):
        # A line without its end is still being written, or its rank was killed in it.
        if line.endswith("\n"):
            _tell(story, json.loads(line))
    return story


def _tell(story: Story, event: dict[str, object]) -> None:
    match event:
        case {"event": "start", "pid": int(pid)}:
            story.pid = pid
        case {"event": "world", "size": int(size), "shared_memory": list(names)}:
            story.world, story.shared_memory = size, names
        case {"event": "enter", "where": str(where)}:
            story.where = where
        case {"event": "outcome", "where": str(where), "outcome": str(outcome)}:
            story.outcomes[where] = outcome
        case {"event": "failed", "where": str(where), "why": str(why)}:
            story.failures.append(Failure(where=where, why=why))
        case {"event": "expired", "where": str(where), "why": str(why)}:
            story.expired = Failure(where=where, why=why)
        case {"event": "refused", "where": str(where), "why": str(why)}:
            story.refused = story.refused or Failure(where=where, why=why)
        case {"event": "follows"}:
            story.follows = True
        case {"event": "unselected"}:
            story.unselected = True
        case {"event": "end", "status": int(status)}:
            story.status = status
