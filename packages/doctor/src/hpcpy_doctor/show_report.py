"""Print the report for people: 80 columns, a line for what is well, a block for what is not."""

import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence

import click

from hpcpy_doctor.facts import Facts
from hpcpy_doctor.finding import LEVELS, Level
from hpcpy_doctor.fold import read_more
from hpcpy_doctor.looks.first_rank import AS_FIRST
from hpcpy_doctor.merge import Merged, Section, count_levels, format_ranks

__all__ = [
    "fill",
    "format_brief",
    "format_first",
    "format_folded",
    "format_opening",
    "format_section",
    "format_total",
]

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


def format_brief(section: Section) -> str:
    """Return one line, cut to the width of a screen, for a check that finds all well. Local."""
    head = f"{'ok':{LEVEL_WIDTH}}{section.title:{TITLE_WIDTH}}"
    whole = head + section.found[0].finding.seen.replace(f"{sys.prefix}/", "")
    line = whole if len(whole) <= COLUMNS else f"{whole[: COLUMNS - 3]}..."
    return click.style("ok", fg=COLORS["ok"], bold=True) + line[len("ok") :]


def format_folded(
    well: Sequence[str], notes: Sequence[str], following: Mapping[str, Sequence[str]]
) -> Iterator[str]:
    """Yield the lines for what is left out. Local.

    Parameters
    ----------
    well
        The titles of checks that find all well, and are not shown.
    notes
        The kinds of the notes.
    following
        For each kind of finding that was shown: the kinds of those that follow from it.
    """
    if well:
        yield from _wrap("ok", f"{len(well)} more", ", ".join(well))
    if notes:
        yield from _wrap("note", _count(len(notes), "note", "notes"), ", ".join(notes))
    for cause, ids in following.items():
        times = {id: ids.count(id) for id in ids}
        counted = [f"{id} ({times[id]})" if times[id] > 1 else id for id in times]
        yield ""
        yield from fill(" " * LEVEL_WIDTH, f"From {cause} follow: {', '.join(counted)}")


def format_first(commands: Sequence[str]) -> Iterator[str]:
    """Yield the end of a report in which something is wrong: what to do first. Local."""
    if commands:
        yield "\nDo this first:" if len(commands) == 1 else "\nDo these first, in this order:"
        yield from (f"    {click.style(command, bold=True)}" for command in commands)


def format_total(sections: Sequence[Section], *, hint: str = "") -> str:
    """Return the line that counts, with a hint on what is left out. Local."""
    counts = count_levels(sections)
    said = (
        click.style(f"{counts[level]} {level}", fg=COLORS[level])
        for level in LEVELS
        if counts[level]
    )
    return f"\n{_count(len(sections), 'check', 'checks')}: {', '.join(said)}{hint}"


def _format_block(one: Merged, title: str, ranks: str) -> Iterator[str]:
    finding = one.finding
    yield from _wrap(finding.level, title, f"{finding.id}{ranks}")
    margin = " " * LEVEL_WIDTH
    for word, text in (("seen", finding.seen), ("because", finding.cause)):
        yield from fill(margin + word.ljust(WORD_WIDTH), text or "")
    yield f"{margin}{'mend'.ljust(WORD_WIDTH)}{click.style(finding.cure or '', bold=True)}"
    yield f"{margin}{'more'.ljust(WORD_WIDTH)}{read_more(finding)}"


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
