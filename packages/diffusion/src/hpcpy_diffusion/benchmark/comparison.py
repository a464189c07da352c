"""The command of a comparison: options, selection, printing, report. Starts no MPI."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import click

from hpcpy_core.cli import Work
from hpcpy_core.options import times
from hpcpy_diffusion.benchmark.problems import PROBLEMS

if TYPE_CHECKING:
    from mpi4py import MPI

    from hpcpy_core.selection import Selection
    from hpcpy_diffusion.parameters import Parameters

__all__ = ["Compare", "comparison"]

QUARTILES = ("gcells_per_second", "lower_quartile", "upper_quartile")


class Compare(Protocol):
    """Measures, on all ranks, and returns plain JSON values; the ``speed`` of its ``cases``."""

    def __call__(
        self,
        comm: "MPI.Intracomm",
        selection: "Selection",
        parameters: "Parameters",
        *,
        kernel: str,
        seconds: float,
        repeats: int,
    ) -> dict[str, Any]:
        """Measure. Collective over comm."""


def comparison(name: str, compare: Compare) -> click.Command:
    """Return the command that compares and tells. Local.

    Parameters
    ----------
    name
        Of the module; its report has it.
    compare
        What it does.
    """

    @click.command(name, help=compare.__doc__ and compare.__doc__.partition("\n")[0])
    @click.argument("problem", type=click.Choice(list(PROBLEMS)))
    @click.option("--kernel", default="auto", show_default=True)
    @click.option("--seconds", type=float, default=1.0, show_default=True, help="Of a repeat.")
    @click.option("--repeats", type=times(), default=7, show_default=True)
    @click.option("--json", type=click.Path(path_type=Path), help="Write the report here.")
    def command(problem: str, kernel: str, seconds: float, repeats: int, json: Path | None) -> Work:
        def work(comm: "MPI.Intracomm") -> None:
            from hpcpy_core.agreement import agreed, on_root
            from hpcpy_core.output_files import check_writable
            from hpcpy_core.report import build_report, write_report
            from hpcpy_core.selection import select
            from hpcpy_diffusion.kernels import find_kernel

            with on_root(comm) as root:
                if root:
                    check_writable(json, "--json")
            with agreed(comm):
                chosen = find_kernel(kernel).name
            selection, parameters = select("auto", "auto", comm), PROBLEMS[problem]
            figures = compare(
                comm, selection, parameters, kernel=chosen, seconds=seconds, repeats=repeats
            )
            report = build_report(
                name, selection, parameters.as_dict(), kernel=chosen, repeats=repeats, **figures
            )
            with on_root(comm) as root:
                if root:
                    for case, row in figures["cases"].items():
                        click.echo(_format(case, row["speed"]))
                    if json is not None:
                        write_report(json, report)

        return work

    return command


def _format(case: str, speed: dict[str, float]) -> str:
    ratios = "".join(
        f"  {name} {value:.3g}" for name, value in speed.items() if name not in QUARTILES
    )
    return f"{case:22s}{speed['gcells_per_second']:9.3g} Gcell/s{ratios}"
