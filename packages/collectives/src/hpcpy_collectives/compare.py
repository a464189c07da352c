"""``compare``: has this machine become slower than a report that the site keeps? No MPI."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from hpcpy_collectives.read_report import Key, read_measurements
from hpcpy_collectives.serial import run_serially
from hpcpy_core.errors import InputError
from hpcpy_core.sizes import format_size

__all__ = ["Comparison", "compare", "compare_measurements"]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One operation at one size in both reports.

    Attributes
    ----------
    ratio
        Cost now over cost then: above 1 is slower, whether it was measured in s
        or in B/s.
    """

    key: Key
    unit: str
    before: float
    now: float
    ratio: float
    regression: bool

    def __str__(self) -> str:
        """Return a line of the table, in us or MB/s."""
        op, api, size = self.key
        unit, factor = ("MB/s", 1e-6) if self.unit == "B/s" else ("us", 1e6)
        verdict = "  REGRESSION" if self.regression else ""
        return (
            f"{op:15s} {api:7s} {format_size(size):>5s} {unit:4s}{factor * self.before:12.3f}"
            f"{factor * self.now:12.3f}{self.ratio:9.3f}{verdict}"
        )


def compare_measurements(
    before: Mapping[Key, Mapping[str, Any]],
    now: Mapping[Key, Mapping[str, Any]],
    tolerance: float,
) -> list[Comparison]:
    """Compare the medians of two reports. Local.

    Parameters
    ----------
    before, now
        From `read_measurements`; what only `now` has is left out.
    tolerance
        Share by which a cost may grow: 0.1 allows 1.1 times the time.

    Raises
    ------
    InputError
        If `now` lacks something that `before` has.
    """
    missing = [f"{op} {api} {format_size(size)}" for op, api, size in before.keys() - now.keys()]
    if missing:
        few = ", ".join(sorted(missing)[:3])
        raise InputError(
            f"the second report lacks {len(missing)} of the {len(before)} measurements of the "
            f"first, such as {few}: measure it with the same --ops, --api and --sizes"
        )
    comparisons = []
    for key, old in before.items():
        new = now[key]
        ratio = new["median"] / old["median"]
        if old["unit"] == "B/s":
            ratio = 1 / ratio
        comparisons.append(
            Comparison(
                key=key,
                unit=old["unit"],
                before=old["median"],
                now=new["median"],
                ratio=ratio,
                regression=ratio > 1 + tolerance,
            )
        )
    return comparisons


@click.command("compare", short_help="Compare two reports of bench.")
@click.argument("before", metavar="A.json", type=click.Path(path_type=Path))
@click.argument("now", metavar="B.json", type=click.Path(path_type=Path))
@click.option(
    "--tolerance",
    type=click.FloatRange(min=0),
    default=0.1,
    show_default=True,
    help="Share by which a cost may grow.",
)
def compare(before: Path, now: Path, tolerance: float) -> None:
    """Compare the medians of report B with those of report A; exit 1 if any is worse.

    The ratio is cost over cost: above 1, B is slower. It needs no MPI.
    """

    def work() -> int:
        comparisons = compare_measurements(
            read_measurements(before), read_measurements(now), tolerance
        )
        click.echo(f"{'op':15s} {'api':7s} {'size':>5s} unit{'A':>12s}{'B':>12s}{'ratio':>9s}")
        for comparison in comparisons:
            click.echo(str(comparison))
        worse = sum(comparison.regression for comparison in comparisons)
        click.echo(f"{worse} of {len(comparisons)} worse by more than {tolerance:.0%}")
        return 1 if worse else 0

    run_serially(work)
