"""Benchmark of the kernels on the course notes' grid, in turn, on the ranks it is started with.

``mpiexec -n 2 python -m hpcpy_diffusion.bench --json FILE``
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hpcpy_core.cli import Work, run_command
from hpcpy_core.launch import import_mpi

if TYPE_CHECKING:
    from mpi4py import MPI

__all__ = ["main", "measure"]

STEPS = {"numpy-loops": 3, "python": 20, "numpy": 500, "numpy-flat": 2000, "numba": 2000}
"""Time steps of one repeat: the slow kernels do fewer; all figures are per cell and step."""


def measure(comm: "MPI.Intracomm", repeats: int) -> dict[str, Any]:
    """Time every installed kernel, A B C A B C. Collective over comm.

    Returns
    -------
    dict
        For each kernel its steps, the median and quartiles of Gcell/s over the
        repeats, and the share of the halo exchange in the median repeat.
    """
    from hpcpy_core.timing import Timing
    from hpcpy_diffusion.kernels import KERNELS
    from hpcpy_diffusion.parameters import Parameters
    from hpcpy_diffusion.solver import run

    dt = Parameters().dt
    names = [name for name, kernel in KERNELS.items() if kernel.installed]
    busy: dict[str, list[float]] = {name: [] for name in names}
    halo: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(repeats + 1):
        for name in names:
            result = run(Parameters(runtime=(STEPS[name] + 0.5) * dt), comm=comm, kernel=name)
            if turn:  # the first turn warms up
                busy[name].append(result.seconds["compute"] + result.seconds["halo"])
                halo[name].append(result.seconds["halo"])
    cells = Parameters().points ** 2
    figures = {}
    for name in names:
        timing = Timing(seconds=tuple(busy[name]))
        lower, upper = timing.quartiles
        updates = cells * STEPS[name] * 1e-9
        figures[name] = {
            "steps": STEPS[name],
            "repeats": repeats,
            "gcells_per_second": updates / timing.median,
            "gcells_per_second_quartiles": [updates / upper, updates / lower],
            "halo_share": Timing(seconds=tuple(halo[name])).median / timing.median,
        }
    return figures


@click.command(name="hpcpy_diffusion.bench")
@click.option("--json", "path", type=click.Path(path_type=Path), help="Write the report here.")
@click.option("--repeats", type=click.IntRange(min=1), default=7, show_default=True)
def bench(path: Path | None, repeats: int) -> Work:
    """Time all kernels on the 299 x 299 grid of the course notes."""

    def work(comm: "MPI.Intracomm") -> None:
        from hpcpy_core.agreement import on_root
        from hpcpy_core.report import build_report, write_report
        from hpcpy_core.selection import select
        from hpcpy_diffusion.parameters import Parameters

        selection = select("auto", "auto", comm)
        figures = measure(comm, repeats)
        with on_root(comm) as root:
            if root:
                click.echo("kernel        Gcell/s   halo share")
                for name, figure in figures.items():
                    speed, share = figure["gcells_per_second"], figure["halo_share"]
                    click.echo(f"{name:12s} {speed:8.4f} {share:12.0%}")
                if path is not None:
                    report = build_report(
                        "hpcpy_diffusion.bench", selection, Parameters().as_dict(), kernels=figures
                    )
                    write_report(path, report)

    return work


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark; return its exit code."""
    return run_command(bench, argv, lambda: import_mpi().COMM_WORLD)


if __name__ == "__main__":
    sys.exit(main())
