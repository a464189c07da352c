"""A finding: what was seen, what causes it, and the one command that mends it."""

import string
from dataclasses import dataclass
from typing import Literal, get_args

__all__ = ["LEVELS", "PAGE", "Finding", "Kind", "Level"]

Level = Literal["ok", "note", "warning", "error"]
LEVELS: tuple[Level, ...] = get_args(Level)
"""From harmless to harmful."""

PAGE = "docs/doctor/findings.md"
"""Of the findings that come with hpcpy; it is in the repository, and in the documentation."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of findings, as data: the library of findings is made of them.

    Attributes
    ----------
    id
        In lower case with hyphens, for ``--explain`` and the docs page: ``foreign-launcher``.
    level
        How bad it is: note, warning or error.
    title
        One line without a full stop, for the list of findings.
    cause
        Why it is so, in one or two sentences; said with each finding.
    cure
        What mends it: one command, or one line of a batch script, as a template of
        `str.format` whose names are given with each finding.
    example
        The cure as it may read, where the template alone tells nothing.
    text
        For ``--explain`` and the docs page: how it shows, and what else may help. Markdown,
        a few sentences.
    page
        Where it is described, under its `id`; a site names a page of its own.
    """

    id: str
    level: Level
    title: str
    cause: str
    cure: str
    example: str = ""
    text: str
    page: str = PAGE

    @property
    def docs(self) -> str:
        """Where it is described."""
        return f"{self.page}#{self.id}"

    @property
    def typical_cure(self) -> str:
        """The cure as it may read: the example, or the template with its names in brackets."""
        if self.example:
            return self.example
        parts = string.Formatter().parse(self.cure)
        return "".join(text + (f"<{name}>" if name else "") for text, name, _, _ in parts)

    def found(self, seen: str, **words: object) -> "Finding":
        """Return a finding of this kind. Local.

        Parameters
        ----------
        seen
            What was seen here, with its figures and names, in one sentence.
        words
            For the names in the template of the cure.
        """
        return Finding(
            id=self.id,
            level=self.level,
            seen=seen,
            cause=self.cause,
            cure=self.cure.format(**words),
            docs=self.docs,
        )


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a check has seen; with ``level="ok"`` and no `id`, nothing is wrong."""

    level: Level
    seen: str
    id: str | None = None
    cause: str | None = None
    cure: str | None = None
    docs: str | None = None

    @classmethod
    def ok(cls, seen: str) -> "Finding":
        """Return that all is well, and what was seen. Local."""
        return cls(level="ok", seen=seen)
