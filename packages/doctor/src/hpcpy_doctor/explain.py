"""The library of findings, as text."""

import difflib
from collections.abc import Iterable, Iterator

from hpcpy_core.errors import InputError
from hpcpy_doctor.check import Check
from hpcpy_doctor.finding import PAGE, Kind
from hpcpy_doctor.own_kinds import OWN_KINDS
from hpcpy_doctor.show_report import fill

__all__ = ["explain", "format_list", "list_kinds"]


def list_kinds(checks: Iterable[Check]) -> tuple[Kind, ...]:
    """Return all that may be found, in the order of the checks; the doctor's own last. Local."""
    kinds = (*(kind for check in checks for kind in check.kinds), *OWN_KINDS)
    return tuple(dict.fromkeys(kinds))  # several checks may share one


def format_list(kinds: Iterable[Kind]) -> Iterator[str]:
    """Yield a line for each kind. Local."""
    kinds = tuple(kinds)
    width = max(len(kind.id) for kind in kinds) + 2
    for kind in kinds:
        yield f"{kind.id:{width}}{kind.level:9}{kind.title}"


def explain(id: str, kinds: Iterable[Kind]) -> Iterator[str]:
    """Yield the lines of the text of a kind. Local.

    Raises
    ------
    InputError
        If there is none of that name; with those that look like it.
    """
    by_id = {kind.id: kind for kind in kinds}
    wanted = id.lower().replace("_", "-")
    if wanted not in by_id:
        near = difflib.get_close_matches(wanted, by_id, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else "--list names all"
        raise InputError(f"--explain {id}: no such finding; {hint}")
    kind = by_id[wanted]
    yield f"{kind.id} ({kind.level}): {kind.title}"
    yield ""
    yield from fill("because  ", kind.cause)
    yield f"mend     {kind.typical_cure}"
    yield ""
    yield from fill("", kind.text)
    if kind.page != PAGE:  # a site's own
        yield ""
        yield f"read     {kind.docs}"
