"""Tell what was found as it comes, or all of it as JSON at the end."""

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import click

from hpcpy_core.masking import mask_plain, mask_text
from hpcpy_doctor import __version__
from hpcpy_doctor.build_report import build_report
from hpcpy_doctor.command import Options
from hpcpy_doctor.facts import Facts
from hpcpy_doctor.fold import KEY_CHECKS, choose_first, find_cause
from hpcpy_doctor.merge import Merged, Section, decide_code
from hpcpy_doctor.show_report import (
    format_brief,
    format_first,
    format_folded,
    format_opening,
    format_section,
    format_total,
)
from hpcpy_doctor.wants_color import wants_color

__all__ = ["Teller"]

ALL = " (all of it: hpcpy-doctor --all)"


@dataclass(kw_only=True)
class Teller:
    """The report, as it grows. All of its methods are local.

    Attributes
    ----------
    options
        How it is to look.
    facts
        Of the processes that were heard.
    announced
        How many the launcher has announced.
    sections
        What was told.
    found
        The kinds of all findings so far.
    well, notes, following
        What was left out: titles of checks, kinds of notes, and for a kind those that follow.
    """

    options: Options
    facts: Sequence[Facts]
    announced: int
    sections: list[Section] = field(default_factory=list)
    found: list[str] = field(default_factory=list)
    well: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    following: dict[str, list[str]] = field(default_factory=dict)

    @property
    def code(self) -> int:
        """The exit code for what was told."""
        return decide_code(self.sections, strict=self.options.strict)

    def open(self) -> None:
        """Say who is examined."""
        self._say(format_opening(__version__, self.facts))

    def tell(self, section: Section) -> None:
        """Tell what a check has found, now: the next one may end this process.

        Unless all is wanted, what is well becomes a line or a title at the end, notes are
        counted, and so is what follows from something that was told.
        """
        self.sections.append(section)
        if self.tells_all:
            self._say_all(format_section(section, len(self.facts)))
            return
        shown: list[Merged] = []
        for one in section.found:
            if cause := find_cause(one.finding, self.found):
                self.following.setdefault(cause, []).append(one.finding.id or "")
            elif one.finding.level == "note":
                self.notes.append(one.finding.id or "")
            elif one.finding.level != "ok":
                shown.append(one)
            self.found += [one.finding.id] if one.finding.id else []
        if shown:
            self._say_all(format_section(replace(section, found=tuple(shown)), len(self.facts)))
        elif section.level == "ok" and section.name in KEY_CHECKS:
            self._say(format_brief(section))
        elif section.level == "ok":
            self.well.append(section.title)

    def close(self) -> None:
        """Say what was left out, count, and name what to do first; or print the whole."""
        if self.options.as_json:
            whole = build_report(self.facts, self.announced, self.sections, self.code)
            click.echo(json.dumps(mask_plain(whole), indent=2))
            return
        self._say_all(format_folded(self.well, self.notes, self.following))
        self._say(format_total(self.sections, hint="" if self.tells_all else ALL))
        self._say_all(format_first(choose_first(self.sections)))

    @property
    def tells_all(self) -> bool:
        """Whether nothing is left out: the user wants it so, or has chosen the checks."""
        return self.options.all or bool(self.options.only)

    def _say_all(self, lines: Iterable[str]) -> None:
        for line in lines:
            self._say(line)

    def _say(self, line: str) -> None:
        if self.options.as_json:
            return
        encoding = (
            getattr(sys.stdout, "encoding", None) or "utf-8"
        )  # a path may have letters that it lacks
        line = mask_text(line).encode(encoding, "backslashreplace").decode(encoding)
        click.echo(line, color=wants_color(self.options.color))
