"""The command line of ``hpcpy-diffusion``. Importing it does not start MPI."""

import json
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hpcpy_core.cli import Work, device_options
from hpcpy_diffusion import Parameters, __version__
from hpcpy_diffusion.every import Every, EveryType
from hpcpy_diffusion.kernels import GPU_KERNELS, KERNELS
from hpcpy_diffusion.ladder_command import ladder
from hpcpy_diffusion.options import DepthType, Dims
from hpcpy_diffusion.plan import EXCHANGES
from hpcpy_diffusion.profile_command import profile
from hpcpy_diffusion.scaling_command import scaling

if TYPE_CHECKING:
    from mpi4py import MPI

    from hpcpy_core.device import DeviceRequest
    from hpcpy_core.transport import TransportRequest

__all__ = ["ALONE", "diffusion"]

ALONE = (scaling, profile)
"""Commands that run in one process, without MPI."""

NOTES_CASE = Path(__file__).with_name("notes.txt")
DEMO_TIMES = (4.0, 6.0, 10.0)
EPILOG = "Parameters and their defaults: " + ", ".join(
    f"{field.name}={field.default}" for field in fields(Parameters)
)


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
    help=f"Rung of the ladder: {', '.join(KERNELS)}; on a GPU {', '.join(GPU_KERNELS)}; auto "
    "is the fastest that is installed, on a GPU the fastest in a short trial.",
)
@click.option("--dims", type=Dims(), metavar="PxQ", help="Ranks along rows and columns.")
@click.option(
    "--threads", type=click.IntRange(min=1), default=1, help="In each rank, if the kernel can."
)
@click.option(
    "--halo-depth",
    type=DepthType(),
    default="auto",
    show_default=True,
    help="Layers of the halos, and steps from one exchange to the next.",
)
@click.option(
    "--exchange",
    type=click.Choice(EXCHANGES),
    default="auto",
    show_default=True,
    help="How ranks get their neighbours' cells; auto tells what it chose.",
)
@click.option("--plot/--no-plot", default=None, help="Draw pictures; else as `graphics` says.")
@click.option(
    "--xdmf",
    is_flag=True,
    help="Write field.xdmf and frames.xdmf, from which ParaView opens the fields in place.",
)
@click.option(
    "--full-frames",
    is_flag=True,
    help="Write whole frames; else those of more than 1000 points a side are thinned.",
)
@click.option(
    "--overwrite",
    is_flag=True,
    help="Replace an earlier run in the output directory, once this one is whole.",
)
@click.option(
    "--force",
    is_flag=True,
    help="Start with more threads than cores, or more to write than is free on the disk.",
)
@click.option(
    "--checkpoint-every",
    "every",
    type=EveryType(),
    help="Write checkpoints: every 1000 steps, or 600s, 10m or 1h of wall time.",
)
@click.option(
    "--checkpoint",
    "directory",
    type=click.Path(path_type=Path),
    help="Directory for checkpoints; else that of --restart, else OUTPUT/checkpoints.",
)
@click.option(
    "--restart",
    type=click.Path(path_type=Path),
    help="Start from the newest valid checkpoint in this directory; there must be one.",
)
@click.option(
    "--resume",
    is_flag=True,
    help="Start from this run's own checkpoints, or at step 0 while there is none.",
)
@click.option("--quiet", is_flag=True, help="Print errors only.")
@click.option("--json", "as_json", is_flag=True, help="Print the report instead of the summary.")
@device_options
def run_params(
    params: Path | None,
    every: Every | None,
    directory: Path | None,
    restart: Path | None,
    resume: bool,
    quiet: bool,
    as_json: bool,
    **options: Any,  # noqa: ANN401 - click's options
) -> Work:
    """Solve the problem in the file PARAMS, and write the field to --output.

    PARAMS is TOML where its name ends in .toml, else a list of "name = value;" as in
    the course notes. Without it the notes' case is solved: 299 x 299 points, 13410 steps.

    Checkpoints: "run CASE --output DIR --checkpoint-every 10m --resume" is the one line for the
    first job and for those that continue it. With --checkpoint-every or --checkpoint the signal
    SIGUSR1 (Slurm: --signal=USR1@120) makes the run write a checkpoint and end with exit code 75.

    With --overwrite an earlier run stays until this one is whole, which is in DIR/.hpcpy-new
    meanwhile; --resume continues it there, if it was killed.
    """

    def work(comm: "MPI.Intracomm") -> None:
        from hpcpy_diffusion.solve import CheckpointOptions, solve
        from hpcpy_diffusion.summary import summarise

        checkpoints = CheckpointOptions(
            every=every, directory=directory, restart=restart, resume=resume
        )
        result, report = solve(
            comm, params, quiet=quiet or as_json, checkpoints=checkpoints, **options
        )
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
        from hpcpy_diffusion.solve import solve
        from hpcpy_diffusion.summary import summarise

        result, _ = solve(
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


for each in (ladder, *ALONE):
    diffusion.add_command(each)
