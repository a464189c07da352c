"""Print the report for people: 80 columns, a line for what is well, a block for what is not."""

import textwrap
from collections.abc import Iterator, Sequence

import click

from hpcpy_doctor.facts import Facts
from hpcpy_doctor.finding import LEVELS, Level
from hpcpy_doctor.looks.first_rank import AS_FIRST
from hpcpy_doctor.merge import Merged, Section, count_levels, format_ranks

__all__ = ["fill", "format_opening", "format_section", "format_total"]

COLUMNS = 80

COLORS: dict[Level, str] = {"ok": "green", "note": "cyan", "warning": "yellow", "error": "red"}

LEVEL_WIDTH = max(map(len, LEVELS)) + 2
TITLE_WIDTH = 18
WORD_WIDTH = len("because  ")

SHOWN = 3
"""Of the same kind: where many processes see different things, the rest is in ``--json``."""


def format_opening(version: str, facts: Sequence[Facts]) -> str:
    """Return the first line: what this is, and of how many processes. Local."""
    hosts = len({one.host for one in facts})
    by = next((f", started by {one.launcher}" for one in facts if one.launcher), "")
    return (
        f"hpcpy-doctor {version}: {_count(len(facts), 'process', 'processes')} on "
        f"{_count(hosts, 'host', 'hosts')}{by}\n"
    )


def format_section(section: Section, size: int) -> Iterator[str]:
    """Yield the lines of a check. Local.

    Parameters
    ----------
    section
        Its findings.
    size
        The number of processes: where there is one, no rank is named.
    """
    shown: dict[str | None, int] = {}
    for one in section.found:
        if one.finding == AS_FIRST:
            continue
        shown[one.finding.id] = shown.get(one.finding.id, 0) + 1
        if shown[one.finding.id] <= SHOWN:
            ranks = f" ({format_ranks(one.ranks)})" if one.ranks and size > 1 else ""
            if one.finding.id is None:
                yield from _wrap(one.finding.level, section.title, one.finding.seen + ranks)
            else:
                yield from _format_block(one, section.title, ranks)
    for kind, number in shown.items():
        if number > SHOWN:
            name = kind or "others"
            more = f"and {number - SHOWN} more of {name}: see --json"
            yield from fill(" " * (LEVEL_WIDTH + TITLE_WIDTH), more)


def format_total(sections: Sequence[Section]) -> str:
    """Return the last line, which counts. Local."""
    counts = count_levels(sections)
    said = (
        click.style(f"{counts[level]} {level}", fg=COLORS[level])
        for level in LEVELS
        if counts[level]
    )
    more = "\nmore of a finding: hpcpy-doctor --explain ID"
    hint = more if any(counts[level] for level in LEVELS[1:]) else ""
    return f"\n{_count(len(sections), 'check', 'checks')}: {', '.join(said)}{hint}"


def _format_block(one: Merged, title: str, ranks: str) -> Iterator[str]:
    finding = one.finding
    yield from _wrap(finding.level, title, f"{finding.id}{ranks}")
    margin = " " * LEVEL_WIDTH
    for word, text in (("seen", finding.seen), ("because", finding.cause)):
        yield from fill(margin + word.ljust(WORD_WIDTH), text or "")
    yield f"{margin}{'mend'.ljust(WORD_WIDTH)}{click.style(finding.cure or '', bold=True)}"
    yield f"{margin}{'read'.ljust(WORD_WIDTH)}{finding.docs}"


def _wrap(level: Level, title: str, text: str) -> Iterator[str]:
    first, *rest = fill(f"{level:{LEVEL_WIDTH}}{title:{TITLE_WIDTH}}", text)
    yield click.style(level, fg=COLORS[level], bold=True) + first[len(level) :]
    yield from rest


def fill(head: str, text: str) -> list[str]:
    """Wrap a text behind its head by words; long ones, such as paths, stay whole. Local."""
    return textwrap.wrap(
        text,
        COLUMNS,
        initial_indent=head,
        subsequent_indent=" " * len(head),
        break_on_hyphens=False,
        break_long_words=False,
    )


def _count(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"
