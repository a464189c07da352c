"""How much slower than C? The kernels beside the same loops in C, on one core.

``python -m hpcpy_spawn_pi.yardstick --json FILE``

A serial program: it compiles the C functions, and calls them in turn with the kernels.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from hpcpy_core.options import times
from hpcpy_core.output_files import check_writable
from hpcpy_core.report import describe_run, write_report
from hpcpy_core.run_alone import run_alone
from hpcpy_spawn_pi.yardstick.compare import AT_LEAST, compare, format_comparison, load_cases

__all__ = ["main"]

INTERVALS = 10**8


@click.command("hpcpy_spawn_pi.yardstick")
@click.option("--json", "path", type=click.Path(path_type=Path), help="Write the figures here.")
@click.option("--repeats", type=times(), default=9, show_default=True)
def command(path: Path | None, repeats: int) -> None:
    """Time the kernels beside the same loops in C, in turn, on one core."""
    check_writable(path, "--json")
    before = os.getloadavg()[0]
    found = compare(load_cases(), INTERVALS, repeats)
    click.echo(format_comparison(found))
    if path is not None:
        report = {
            **describe_run("hpcpy_spawn_pi.yardstick"),
            "load_average_before": before,
            "intervals": INTERVALS,
            "repeats": repeats,
            "at_least": AT_LEAST,
            "cases": found,
        }
        write_report(path, report)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    return run_alone(command, argv)


if __name__ == "__main__":
    sys.exit(main())
