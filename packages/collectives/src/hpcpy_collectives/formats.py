"""The figures of a benchmark as text: a table for people, CSV, JSON."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from hpcpy_collectives.measurement import Measurement
from hpcpy_core.sizes import format_size

__all__ = ["HEADER", "Format", "format_report", "format_row"]

Format = Literal["table", "csv", "json"]

HEADER = (
    f"{'op':15s} {'api':7s} {'size':>5s} {'unit':4s}"
    f"{'avg':>9s}{'min':>9s}{'max':>9s}{'median':>9s}{'IQR':>9s}"
)


def format_report(
    report: Mapping[str, Any], measurements: Sequence[Measurement], form: Format
) -> str:
    """Return the figures in the format that was asked for. Local.

    The table and CSV hold the measurements only, JSON the whole report.
    """
    if form == "json":
        return json.dumps(report, indent=2, ensure_ascii=False)
    if form == "table":
        return "\n".join([HEADER, *map(format_row, measurements)])
    rows = [measurement.as_dict() for measurement in measurements]
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().rstrip("\n")


def format_row(measured: Measurement) -> str:
    """Return a line of at most 80 columns, in us or in MB/s (10^6 bytes per second). Local."""
    unit, factor = ("MB/s", 1e-6) if measured.unit == "B/s" else ("us", 1e6)
    figures = (
        measured.average,
        measured.minimum,
        measured.maximum,
        measured.median,
        measured.upper_quartile - measured.lower_quartile,
    )
    return (
        f"{measured.op:15s} {measured.api:7s} {format_size(measured.size):>5s} {unit:4s}"
        + "".join(_fit(factor * figure) for figure in figures)
    )


def _fit(figure: float) -> str:
    """Return a figure in 9 columns, with as many digits as fit and mean something."""
    digits = 3 if figure < 100 else 1 if figure < 100_000 else 0
    return f" {figure:8.{digits}f}" if figure < 1e8 else f" {figure:8.2e}"
