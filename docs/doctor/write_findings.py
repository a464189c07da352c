"""Write docs/doctor/findings.md: all that hpcpy-doctor may find, as its checks have it.

    python docs/doctor/write_findings.py

A heading is the name of a finding, so that the links of a report lead to it: on the built
pages, and where the file is read as it is.
"""

import sys
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

from hpcpy_doctor.check import Check
from hpcpy_doctor.finding import Kind
from hpcpy_doctor.own_kinds import OWN_KINDS
from hpcpy_doctor.registry import load_checks

__all__ = ["PAGE", "format_page", "main"]

PAGE = Path(__file__).with_name("findings.md")

OPENING = """\
# What may be found

All that `hpcpy-doctor` can say, in the order of its report. `hpcpy-doctor --explain NAME` prints
one of them, `hpcpy-doctor --list` names them all.

The command that a report shows has the paths of your environment and the figures of your launch
in it. Here `/path/to/env` or a name in `<brackets>` stands for them, and `python program.py` for
your program.

<!-- Written by docs/doctor/write_findings.py; a text is changed in the check that has it. -->
"""

SCOPES = {
    "process": "Looked at in each process",
    "job": "Compared over all processes of the launch",
    "active": "Tried in processes of its own, {seconds:g} s at most",
}

OWN = "## The launch itself\n\nWhat the doctor sees of itself and of the launch that it runs in.\n"

COLUMNS = 100


def format_page(checks: Sequence[Check], own: Sequence[Kind] = OWN_KINDS) -> str:
    """Return the text of the page. Local.

    Parameters
    ----------
    checks
        In the order of the report; of a kind that several have, the others get a link.
    own
        What may be found beside them.
    """
    return "\n".join([OPENING, *_format_checks(checks), OWN, *map(_format_kind, own)])


def _format_checks(checks: Sequence[Check]) -> Iterator[str]:
    told: set[str] = set()
    for check in checks:
        how = SCOPES[check.scope].format(seconds=check.seconds)
        yield f"## {check.title}\n\n{how} (`--only {check.name}`).\n"
        again = [kind.id for kind in check.kinds if kind.id in told]
        yield from (_format_kind(kind) for kind in check.kinds if kind.id not in told)
        if again:
            yield f"See also {', '.join(f'[{id}](#{id})' for id in again)}.\n"
        told.update(kind.id for kind in check.kinds)


def _format_kind(kind: Kind) -> str:
    head = f"### {kind.id}\n\n**{kind.title}** ({kind.level})"
    cure = f"```bash\n{kind.typical_cure}\n```"
    return "\n\n".join([head, _fill(kind.cause), cure, _fill(kind.text)]) + "\n"


def _fill(text: str) -> str:
    return textwrap.fill(text, COLUMNS, break_on_hyphens=False, break_long_words=False)


def main() -> int:
    """Write it. Local."""
    checks, broken = load_checks(())  # a site's own are no part of it
    for finding in broken:
        sys.stderr.write(f"error: {finding.seen}\n")
    if not broken:
        PAGE.write_text(format_page(checks), encoding="utf-8")
    return len(broken)


if __name__ == "__main__":
    sys.exit(main())
