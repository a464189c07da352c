"""The command line of ``hpcpy-diffusion``. Importing it does not start MPI."""

import json
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hpcpy_core.cli import Work, device_options
from hpcpy_diffusion import Parameters, __version__
from hpcpy_diffusion.kernels import KERNELS

if TYPE_CHECKING:
    from mpi4py import MPI

    from hpcpy_core.device import DeviceRequest
    from hpcpy_core.transport import TransportRequest
    from hpcpy_diffusion.result import Result

__all__ = ["diffusion"]

NOTES_CASE = Path(__file__).with_name("notes.txt")
DEMO_TIMES = (4.0, 6.0, 10.0)
EPILOG = "Parameters and their defaults: " + ", ".join(
    f"{field.name}={field.default}" for field in fields(Parameters)
)


class Dims(click.ParamType[tuple[int, int]]):
    """Ranks along both axes, written PxQ."""

    name = "PxQ"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        """Turn ``2x3`` into (2, 3)."""
        parts = str(value).lower().split("x")
        if len(parts) != 2 or not all(part.isdecimal() and int(part) for part in parts):
            self.fail(f"{value!r} is not two positive numbers like 2x3", param, ctx)
        return int(parts[0]), int(parts[1])


@click.group("hpcpy-diffusion", no_args_is_help=False)
@click.version_option(__version__)
def diffusion() -> None:
    """Solve du/dt = D (u_xx + u_yy) on a square with zero boundary, on any number of MPI ranks.

    Start it with this environment's mpiexec: mpiexec -n 4 hpcpy-diffusion run.
    """


@diffusion.command("run", short_help="Solve a problem.", epilog=EPILOG)
@click.argument("params", required=False, type=click.Path(path_type=Path))
@click.option(
    "--set", "overrides", multiple=True, metavar="NAME=VALUE", help="Override a parameter."
)
@click.option("--output", type=click.Path(path_type=Path), help="Directory for field and report.")
@click.option(
    "--kernel",
    default="auto",
    metavar="NAME",
    help=f"Rung of the ladder: {', '.join(KERNELS)}; auto is the fastest that is installed.",
)
@click.option("--dims", type=Dims(), metavar="PxQ", help="Ranks along rows and columns.")
@click.option("--plot/--no-plot", default=None, help="Draw pictures; else as `graphics` says.")
@click.option("--overwrite", is_flag=True, help="Replace an earlier run in the output directory.")
@click.option("--quiet", is_flag=True, help="Print errors only.")
@click.option("--json", "as_json", is_flag=True, help="Print the report instead of the summary.")
@device_options
def run_params(params: Path | None, quiet: bool, as_json: bool, **options: Any) -> Work:  # noqa: ANN401 - click's options
    """Solve the problem in the file PARAMS, and write the field to --output.

    PARAMS is TOML where its name ends in .toml, else a list of "name = value;" as in
    the course notes. Without it the notes' case is solved: 299 x 299 points, 13410 steps.
    """

    def work(comm: "MPI.Intracomm") -> None:
        from hpcpy_diffusion.summary import summarise

        result, report = _solve(comm, params, quiet=quiet or as_json, **options)
        if comm.rank == 0 and as_json:
            click.echo(json.dumps(report, indent=2))
        elif comm.rank == 0 and not quiet:
            click.echo(summarise(result))
            if options["output"]:
                click.echo(f"written    {options['output']}")

    return work


@diffusion.command("demo", short_help="Solve the course notes' case and draw it.")
@click.option("--output", type=click.Path(path_type=Path), default=Path("demo"), show_default=True)
@click.option("--overwrite", is_flag=True, help="Replace an earlier demo.")
@device_options
def run_demo(
    output: Path, device: "DeviceRequest", transport: "TransportRequest", overwrite: bool
) -> Work:
    """Solve the course notes' case, and draw the density at t = 4, 6 and 10."""

    def work(comm: "MPI.Intracomm") -> None:
        from hpcpy_core.agreement import on_root
        from hpcpy_diffusion.draw import draw_densities
        from hpcpy_diffusion.output import OutputDirectory
        from hpcpy_diffusion.summary import summarise

        result, _ = _solve(
            comm,
            NOTES_CASE,
            output=output,
            overwrite=overwrite,
            device=device,
            transport=transport,
            plot=True,
        )
        with on_root(comm) as root:
            if root:
                frames = OutputDirectory(output, comm).list_frames(result.parameters)
                chosen = [min(frames, key=lambda f: abs(f[0] - time)) for time in DEMO_TIMES]
                picture = output / "density.png"
                draw_densities(picture, result.parameters, chosen)
                click.echo(summarise(result))
                click.echo(f"picture    {picture.resolve()}")

    return work


def _solve(
    comm: "MPI.Intracomm",
    params: Path | None,
    *,
    device: "DeviceRequest",
    transport: "TransportRequest",
    output: Path | None,
    overwrite: bool,
    plot: bool | None,
    kernel: str = "auto",
    dims: tuple[int, int] | None = None,
    overrides: tuple[str, ...] = (),
    quiet: bool = False,
) -> tuple["Result", dict[str, Any]]:
    """Read the parameters, solve, write. Collective over comm."""
    from contextlib import nullcontext

    from hpcpy_core.agreement import agreed, on_root
    from hpcpy_core.errors import InputError
    from hpcpy_core.report import build_report
    from hpcpy_core.selection import select
    from hpcpy_diffusion.kernels import find_kernel
    from hpcpy_diffusion.output import prepare_output
    from hpcpy_diffusion.progress import show_progress
    from hpcpy_diffusion.read_parameters import parse_parameters, read_parameters
    from hpcpy_diffusion.solver import run

    with on_root(comm) as root:
        text = read_parameters(params) if root else ""
    text = comm.bcast(text, root=0)
    with agreed(comm):
        parameters = parse_parameters(
            text,
            source=str(params),
            toml=params is not None and params.suffix == ".toml",
            overrides=overrides,
        )
        plot = parameters.graphics if plot is None else plot
        if plot and output is None:
            raise InputError("pictures need a place: give --output DIR, or --no-plot")
        find_kernel(kernel)
    selection = select(device, transport, comm)
    directory = None
    if output is not None:
        directory = prepare_output(output, parameters, comm, overwrite=overwrite)
    speaks = comm.rank == 0 and not quiet
    if speaks:
        click.echo(str(selection), err=True)
    with show_progress(parameters) if speaks else nullcontext() as on_step:
        result = run(
            parameters,
            comm=comm,
            kernel=kernel,
            dims=dims,
            selection=selection,
            on_frame=directory.write_frame if directory else None,
            on_step=on_step,
        )
    report = build_report(
        "hpcpy-diffusion run", selection, parameters.as_dict(), **result.figures()
    )
    if directory is not None:
        directory.write_result(result, report, plot=plot)
    return result, report
