"""A check: one module of `hpcpy_doctor.checks` each, with the kinds of its findings."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from hpcpy_doctor.facts import Facts
from hpcpy_doctor.finding import Finding, Kind

__all__ = ["Check", "Scope"]

Scope = Literal["process", "job", "active"]


@dataclass(frozen=True, kw_only=True)
class Check:
    """What the doctor looks at, and what it may find.

    Attributes
    ----------
    name
        For ``--only`` and ``--skip``: ``launcher``.
    title
        Its line in the report: ``Launcher``.
    scope
        ``process`` looks at one process, and is done in each of them; ``job`` compares the
        facts of all processes of the launch; ``active`` tries something in an expendable
        process. The latter two are done once, in the process that reports.
    kinds
        All that it may find.
    run
        Called with the facts of all processes of the launch, ordered by rank; a ``process``
        check gets those of its own process alone. It yields at least one finding: where
        nothing is wrong, `Finding.ok` with what was seen. It never starts MPI in this
        process. An ``active`` one ends what it starts within `seconds`.
    seconds
        Of an ``active`` check: its deadline.
    """

    name: str
    title: str
    scope: Scope
    kinds: tuple[Kind, ...]
    run: Callable[[tuple[Facts, ...]], Iterable[Finding]]
    seconds: float = 0.0
