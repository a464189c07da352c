"""The versioned JSON of a report, for programs."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from hpcpy_core.report import describe_run
from hpcpy_doctor.facts import Facts
from hpcpy_doctor.fold import choose_first
from hpcpy_doctor.merge import Section, count_levels

__all__ = ["SCHEMA", "build_report"]

SCHEMA = "hpcpy-doctor/1"
"""Its number grows when something is taken away or changes its meaning."""


def build_report(
    facts: Sequence[Facts], announced: int, sections: Sequence[Section], code: int
) -> Mapping[str, Any]:
    """Return the whole report as values of JSON. Local.

    Parameters
    ----------
    facts
        Of the processes that were heard.
    announced
        How many the launcher has announced.
    sections
        What was found.
    code
        The exit code.
    """
    return {
        **describe_run("hpcpy-doctor"),
        "schema": SCHEMA,
        "launch": {
            "launcher": facts[0].launcher,
            "announced": announced,
            "heard": len(facts),
            "hosts": sorted({one.host for one in facts}),
        },
        "processes": [asdict(one) for one in facts],
        "checks": [_describe(section) for section in sections],
        "counts": count_levels(sections),
        "do_first": list(choose_first(sections)),
        "exit_code": code,
    }


def _describe(section: Section) -> dict[str, Any]:
    return {
        "name": section.name,
        "title": section.title,
        "level": section.level,
        "seconds": section.seconds,
        "findings": [
            {
                **asdict(one.finding),
                "ranks": list(one.ranks),
            }
            for one in section.found
        ],
    }
