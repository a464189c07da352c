"""Benchmark of spawned workers: what a second one brings, and what starting them costs.

``mpiexec -n 1 python -m hpcpy_spawn_pi.bench --json FILE``
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hpcpy_core.cli import Work, run_command
from hpcpy_core.launch import import_mpi
from hpcpy_core.options import times
from hpcpy_spawn_pi.options import Count

if TYPE_CHECKING:
    from mpi4py import MPI

__all__ = ["main", "measure"]

WORKERS = (1, 2)

AT_LEAST = 1.8
"""The throughput of two workers that is wanted, relative to one."""


def measure(comm: "MPI.Intracomm", intervals: int, repeats: int) -> dict[str, Any]:
    """Spawn one worker and two in turn, and time their phases. Collective over comm.

    Returns
    -------
    dict
        For each number of workers the timings of its phases and its throughput; how many
        times that of one worker two have, as the median over neighbouring runs; and the
        number of intervals from which on spawning two workers takes less time than
        computing in the one process that is there.
    """
    from statistics import median

    from hpcpy_core.timing import Timing
    from hpcpy_spawn_pi.manager import compute_by_spawn
    from hpcpy_spawn_pi.outcome import Phases
    from hpcpy_spawn_pi.parameters import Parameters
    from hpcpy_spawn_pi.require_spawn import require_spawn

    require_spawn(comm, max(WORKERS))
    phases: dict[int, list[Phases]] = {workers: [] for workers in WORKERS}
    for turn in range(repeats + 1):
        for workers in WORKERS:
            parameters = Parameters(workers=workers, intervals=intervals, mode="spawn")
            outcome = compute_by_spawn(comm, parameters, "numba")
            if turn:  # the first turn fills the cache of compiled code
                phases[workers].append(outcome.phases)
    figures: dict[str, Any] = {}
    for workers, seen in phases.items():
        compute = Timing(seconds=tuple(each.compute for each in seen))
        figures[str(workers)] = {
            "start": Timing(seconds=tuple(each.start for each in seen)).as_dict(),
            "compute": compute.as_dict(),
            "end": Timing(seconds=tuple(each.end for each in seen)).as_dict(),
            "intervals_per_second": intervals / compute.median,
        }
    one, two = (figures[str(workers)] for workers in WORKERS)
    saved = 1 / one["intervals_per_second"] - 1 / two["intervals_per_second"]
    cost = two["start"]["median"] + two["end"]["median"]
    return {
        "workers": figures,
        "relative_throughput": median(
            alone.compute / pair.compute for alone, pair in zip(phases[1], phases[2], strict=True)
        ),
        "at_least": AT_LEAST,
        "spawning_pays_from_intervals": cost / saved if saved > 0 else None,
    }


@click.command(name="hpcpy_spawn_pi.bench")
@click.option("--json", "path", type=click.Path(path_type=Path), help="Write the report here.")
@click.option("--intervals", type=Count(), default="4e9", show_default=True)
@click.option("--repeats", type=times(), default=7, show_default=True)
def bench(path: Path | None, intervals: int, repeats: int) -> Work:
    """Compare two spawned workers with one, and tell what spawning costs."""

    def work(comm: "MPI.Intracomm") -> None:
        from hpcpy_core.agreement import on_root
        from hpcpy_core.output_files import check_writable
        from hpcpy_core.report import build_report, write_report
        from hpcpy_core.selection import select

        with on_root(comm) as root:
            if root:
                check_writable(path, "--json")
        selection = select("cpu", "auto", comm)
        figures = measure(comm, intervals, repeats)
        with on_root(comm) as root:
            if root:
                click.echo(_format(figures))
                if path is not None:
                    parameters = {"intervals": intervals, "repeats": repeats}
                    report = build_report("hpcpy_spawn_pi.bench", selection, parameters, **figures)
                    write_report(path, report)

    return work


def _format(figures: dict[str, Any]) -> str:
    lines = ["workers  Ginterval/s   start s  compute s    end s"]
    for workers, figure in figures["workers"].items():
        seconds = [figure[phase]["median"] for phase in ("start", "compute", "end")]
        speed = figure["intervals_per_second"] / 1e9
        lines.append(
            f"{workers:>7s} {speed:12.2f} {seconds[0]:9.3f} {seconds[1]:10.3f} {seconds[2]:8.3f}"
        )
    lines.append(
        f"two workers have {figures['relative_throughput']:.2f} times the throughput of one; "
        f"wanted: {AT_LEAST}"
    )
    pays = figures["spawning_pays_from_intervals"]
    if pays is not None:
        lines.append(f"spawning two pays from {pays:.1e} intervals on")
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark; return its exit code."""
    return run_command(bench, argv, lambda: import_mpi().COMM_WORLD)


if __name__ == "__main__":
    sys.exit(main())
