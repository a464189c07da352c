"""``matrix``: which way of getting workers works here under which launcher, as seen.

Importing it does not start MPI; nor does it in this process when it runs.
"""

import os
from collections.abc import Mapping
from pathlib import Path

import click

from hpcpy_core.errors import HpcpyError, InputError
from hpcpy_core.output_files import check_writable, write_text
from hpcpy_core.report import describe_run
from hpcpy_spawn_pi.attempt import Attempt, Way, attempt
from hpcpy_spawn_pi.launch_lines import find_launch_lines
from hpcpy_spawn_pi.options import Count
from hpcpy_spawn_pi.parameters import MOST_PER_CORE, MOST_WORKERS

__all__ = ["WAYS", "draw_table", "matrix"]

WAYS: dict[str, Way] = {
    "MPI_Comm_spawn alone": None,
    "spawn": "spawn",
    "futures": "futures",
    "split": "split",
    "auto": "auto",
}

Cells = Mapping[str, Mapping[str, Attempt]]
"""By launcher, then by way."""


@click.command("matrix", short_help="Try every mode under every launcher that is here.")
@click.option("--workers", type=Count(), default=2, show_default=True, help="Of each job.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="How long workers may take to start, and to leave.",
)
@click.option("--output", type=click.Path(path_type=Path), help="Write the table here, too.")
def matrix(workers: int, timeout: float, output: Path | None) -> int:
    """Try every mode under every launcher that is here, and print what came of it.

    The first column is MPI_Comm_spawn alone, as a program without guard would call it. Each
    job is expendable: it may abort or hang, and is ended. The result is Markdown.
    """
    check_writable(output, "--output")
    most = min(MOST_WORKERS, MOST_PER_CORE * len(os.sched_getaffinity(0)))
    if not 1 <= workers <= most:
        raise InputError(f"{workers} workers: choose from 1 to {most} (--workers)")
    cells: dict[str, dict[str, Attempt]] = {}
    for name, launcher in find_launch_lines().items():
        cells[name] = {}
        for title, way in WAYS.items():
            click.echo(f"{name}: {title}", err=True)
            cells[name][title] = attempt(launcher, way, workers, timeout)
    _check(cells)
    table = draw_table(cells, workers, timeout)
    click.echo(table)
    if output is not None:
        write_text(output, table)
    return 0


def draw_table(cells: Cells, workers: int, timeout: float) -> str:
    """Return what was seen, as Markdown. Local."""
    seen = describe_run("hpcpy-spawn-pi matrix")
    versions, machine = seen["versions"], seen["machine"]
    reports = [cell.report for row in cells.values() for cell in row.values() if cell.report]
    library = reports[0]["mpi"] if reports else "an MPI that never worked"
    notes: dict[str, int] = {}
    lines = [
        f"# Where new processes can be had: {library}",
        "",
        f"Seen by `hpcpy-spawn-pi matrix --workers {workers} --timeout {timeout:g}` with mpi4py "
        f"{versions.get('mpi4py')},",
        f"{machine['cores']} cores, {machine['system']}, {seen['date']}.",
        "Seconds are the whole job's, from its start to its end.",
        "",
        f"| launcher | {' | '.join(WAYS)} |",
        f"|---|{'---|' * len(WAYS)}",
    ]
    for name, row in cells.items():
        shown = (_show(row[title], notes) for title in WAYS)
        lines.append(f"| `{name}` | {' | '.join(shown)} |")
    lines += ["", *(f"{number}. {note}" for note, number in notes.items())]
    return "\n".join(lines).rstrip()


def _show(cell: Attempt, notes: dict[str, int]) -> str:
    """Return a cell, with the number of its reason, which joins the notes."""
    number = f" [{notes.setdefault(cell.reason, len(notes) + 1)}]" if cell.reason else ""
    return f"{cell.outcome}, {cell.seconds:.1f} s{number}"


def _check(cells: Cells) -> None:
    """Refuse to draw a table of runs that differ in their result."""
    results = {cell.report["pi"] for row in cells.values() for cell in row.values() if cell.report}
    if len(results) > 1:
        raise HpcpyError(f"the modes gave several results, which must be one: {sorted(results)}")
