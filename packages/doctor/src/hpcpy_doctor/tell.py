"""Tell what was found as it comes, or all of it as JSON at the end."""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

import click

from hpcpy_core.masking import mask_plain, mask_text
from hpcpy_doctor import __version__
from hpcpy_doctor.build_report import build_report
from hpcpy_doctor.command import Options
from hpcpy_doctor.facts import Facts
from hpcpy_doctor.merge import Section, decide_code
from hpcpy_doctor.show_report import format_opening, format_section, format_total
from hpcpy_doctor.wants_color import wants_color

__all__ = ["Teller"]


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
    """

    options: Options
    facts: Sequence[Facts]
    announced: int
    sections: list[Section] = field(default_factory=list)

    @property
    def code(self) -> int:
        """The exit code for what was told."""
        return decide_code(self.sections, strict=self.options.strict)

    def open(self) -> None:
        """Say who is examined."""
        self._say(format_opening(__version__, self.facts))

    def tell(self, section: Section) -> None:
        """Tell what a check has found, now: the next one may end this process."""
        self.sections.append(section)
        for line in format_section(section, len(self.facts)):
            self._say(line)

    def close(self) -> None:
        """Count, or print the whole."""
        if self.options.as_json:
            whole = build_report(self.facts, self.announced, self.sections, self.code)
            click.echo(json.dumps(mask_plain(whole), indent=2))
        else:
            self._say(format_total(self.sections))

    def _say(self, line: str) -> None:
        if self.options.as_json:
            return
        encoding = sys.stdout.encoding or "utf-8"  # a path may have letters that it lacks
        line = mask_text(line).encode(encoding, "backslashreplace").decode(encoding)
        click.echo(line, color=wants_color(self.options.color))
