"""Say once what several processes have found."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from hpcpy_doctor.finding import LEVELS, Finding, Level

__all__ = ["Merged", "Section", "count_levels", "decide_code", "format_ranks", "merge"]


@dataclass(frozen=True, kw_only=True)
class Merged:
    """A finding, and the ranks of those who have it; none for one of the whole job."""

    finding: Finding
    ranks: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Section:
    """What there is to say of one check.

    Attributes
    ----------
    name, title
        Of the check.
    found
        The worst first.
    seconds
        Of the slowest process.
    """

    name: str
    title: str
    found: tuple[Merged, ...]
    seconds: float = field(default=0.0)

    @property
    def level(self) -> Level:
        """The worst level."""
        return self.found[0].finding.level


def merge(by_rank: Iterable[tuple[int | None, Sequence[Finding]]]) -> tuple[Merged, ...]:
    """Put equal findings together, the worst first, else in the order they came. Local.

    Parameters
    ----------
    by_rank
        What each process has found, by its rank; None stands for the whole job.
    """
    ranks: dict[Finding, list[int]] = {}
    for rank, findings in by_rank:
        for finding in dict.fromkeys(findings):
            ranks.setdefault(finding, []).extend([] if rank is None else [rank])
    found = (Merged(finding=one, ranks=tuple(who)) for one, who in ranks.items())
    return tuple(sorted(found, key=lambda one: -LEVELS.index(one.finding.level)))


def format_ranks(ranks: Iterable[int]) -> str:
    """Turn 0, 1, 2, 5 into ``ranks 0-2, 5``, and a single one into ``rank 5``. Local."""
    numbers = sorted(set(ranks))
    if len(numbers) == 1:
        return f"rank {numbers[0]}"
    runs = [[numbers[0]]]
    for before, number in pairwise(numbers):
        if number == before + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    spans = (f"{run[0]}-{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs)
    return f"ranks {', '.join(spans)}"


def decide_code(sections: Iterable[Section], *, strict: bool) -> int:
    """Return 2 for errors, 1 for warnings if that is strict, else 0. Local."""
    levels = {section.level for section in sections}
    return 2 if "error" in levels else int(strict and "warning" in levels)


def count_levels(sections: Iterable[Section]) -> Mapping[Level, int]:
    """Return how many checks are at each level. Local."""
    levels = [section.level for section in sections]
    return {level: levels.count(level) for level in LEVELS}
