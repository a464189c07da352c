"""``ladder``: the speed of every kernel, in turn, beside C++ and a copy, on a CPU or a GPU.

Importing it does not start MPI.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hpcpy_core.cli import Work, device_options
from hpcpy_core.options import Picture, times
from hpcpy_diffusion.kernels import GPU_KERNELS, KERNELS
from hpcpy_diffusion.options import Numbers

if TYPE_CHECKING:
    from mpi4py import MPI

__all__ = ["KernelNames", "ladder"]


class KernelNames(click.ParamType[tuple[str, ...] | None]):
    """Names of kernels, separated by commas; ``all`` becomes None."""

    name = "LIST"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...] | None:
        """Turn ``numpy,numba`` into names."""
        if value is None or str(value) == "all":
            return None
        names = tuple(part.strip() for part in str(value).split(","))
        known = (*KERNELS, *GPU_KERNELS)
        for name in names:
            if name not in known:
                self.fail(f"unknown kernel {name!r}: choose all, or from {', '.join(known)}")
        return names


@click.command("ladder", short_help="Check and time every kernel, in turn.")
@click.argument("params", required=False, type=click.Path(path_type=Path))
@click.option(
    "--set", "overrides", multiple=True, metavar="NAME=VALUE", help="Override a parameter."
)
@click.option(
    "--kernels",
    type=KernelNames(),
    default="all",
    show_default=True,
    help="Of the device; on a GPU also numba-vector, on the CPU, to compare with.",
)
@click.option(
    "--threads",
    type=Numbers(),
    show_default="1; all cores beside a GPU",
    help="In each process, of those kernels that have threads.",
)
@click.option("--repeats", type=times(5), default=5, show_default=True)
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=0.3,
    show_default=True,
    help="That a repeat is to take: slower kernels do fewer of the problem's steps.",
)
@click.option("--json", type=click.Path(path_type=Path), help="Write the report here.")
@click.option("--plot", type=Picture(), help="Draw the ladder here.")
@device_options
def ladder(params: Path | None, **options: Any) -> Work:  # noqa: ANN401 - click's options
    """Check every kernel against the reference, then time all in turn: A B C A B C.

    PARAMS is as for run; without it the course notes' case is taken. Times are medians of the
    slowest rank, by runs of the solver. The compiled programs of the notes, cpp and fortran, and a
    copy of the field are timed in the same rounds, so that what disturbs the machine disturbs all.

    With a GPU it is the ladder of the GPU's kernels, beside copies in the GPU's memory and the
    fastest kernel on the CPU's cores. The fields of all of them are in memory together: fewer
    --kernels need less.
    """

    def work(comm: "MPI.Intracomm") -> None:
        from hpcpy_diffusion.ladder.run import run_ladder

        run_ladder(comm, params, **options)

    return work
