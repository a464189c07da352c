"""What the commands do: read the parameters, solve, write. Importing it starts MPI."""

import shlex
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from mpi4py import MPI

from hpcpy_core.agreement import agreed, on_root
from hpcpy_core.device import DeviceRequest
from hpcpy_core.errors import InputError
from hpcpy_core.report import build_report
from hpcpy_core.selection import select
from hpcpy_core.transport import TransportRequest
from hpcpy_diffusion.catch_sigusr1 import StopRequest, catching_sigusr1
from hpcpy_diffusion.checkpointing import Checkpointing
from hpcpy_diffusion.continue_output import continue_output, is_finished, require_frames
from hpcpy_diffusion.every import Every
from hpcpy_diffusion.output import OutputDirectory, prepare_output
from hpcpy_diffusion.parameters import Parameters
from hpcpy_diffusion.plan import Depth, ExchangeName
from hpcpy_diffusion.prepare_checkpoints import prepare_checkpoints
from hpcpy_diffusion.progress import show_progress
from hpcpy_diffusion.read_parameters import parse_parameters, read_parameters
from hpcpy_diffusion.result import Result
from hpcpy_diffusion.settle_device import settle_device
from hpcpy_diffusion.solver import run

__all__ = ["CheckpointOptions", "solve"]


@dataclass(frozen=True, kw_only=True)
class CheckpointOptions:
    """What the command line says about checkpoints."""

    every: Every | None = None
    directory: Path | None = None
    restart: Path | None = None
    resume: bool = False

    @property
    def writes(self) -> bool:
        """Whether checkpoints are written, and SIGUSR1 is caught."""
        return self.every is not None or self.directory is not None

    def place(self, output: Path | None) -> Path | None:
        """Return where they are written to: by default where the run is restarted from."""
        return self.directory or self.restart or (output and output / "checkpoints")

    def continued_by(self, place: Path | None) -> str:
        """Return what continues a run that has stopped."""
        if self.resume or (self.restart is not None and self.restart == place):
            return "give the same command again"
        return f"give the same command with --restart {shlex.quote(str(place))}"


def solve(
    comm: MPI.Intracomm,
    params: Path | None,
    *,
    device: DeviceRequest,
    transport: TransportRequest,
    output: Path | None,
    overwrite: bool,
    plot: bool | None,
    full_frames: bool = False,
    kernel: str = "auto",
    dims: tuple[int, int] | None = None,
    threads: int = 1,
    halo_depth: Depth = "auto",
    exchange: ExchangeName = "auto",
    overrides: tuple[str, ...] = (),
    quiet: bool = False,
    xdmf: bool = False,
    checkpoints: CheckpointOptions = CheckpointOptions(),
) -> tuple[Result, dict[str, Any]]:
    """Read the parameters, solve, write. Collective over comm.

    Parameters
    ----------
    comm
        All of its ranks must call.
    params, **options
        As `hpcpy_diffusion.command` has them from the command line.

    Returns
    -------
    Result, dict
        The field, and the report on the run.

    Raises
    ------
    HpcpyError
        On every rank, if anything given cannot work or a file fails; `StoppedError`
        after a stop that was asked for.
    """
    parameters, plot = _read(comm, params, overrides, plot=plot, output=output)
    with agreed(comm):
        device = settle_device(device, kernel)
        for option, given in (("--xdmf", xdmf), ("--full-frames", full_frames)):
            if given and output is None:
                raise InputError(f"{option} needs a place: give --output DIR")
    selection = select(device, transport, comm, gpu=True)
    speaks = comm.rank == 0 and not quiet
    if speaks:
        click.echo(str(selection), err=True)
    with ExitStack() as held:
        request = held.enter_context(catching_sigusr1()) if checkpoints.writes else StopRequest()
        source, target = prepare_checkpoints(
            comm,
            place=checkpoints.place(output),
            restart=checkpoints.restart,
            resume=checkpoints.resume,
            writes=checkpoints.writes,
            overwrite=overwrite,
        )
        directory: OutputDirectory | None = None
        if output is not None and source is not None:
            directory = continue_output(output, parameters, comm, full_frames=full_frames)
        elif output is not None:
            anew = overwrite or (checkpoints.resume and not is_finished(output, comm))
            directory = prepare_output(
                output, parameters, comm, overwrite=anew, full_frames=full_frames
            )
        if checkpoints.resume and source is None and speaks:
            click.echo(
                f"no checkpoint in {checkpoints.place(output)}: starting at step 0", err=True
            )

        def on_restart(step: int) -> None:
            if plot and directory is not None:
                require_frames(directory, parameters, step)

        checkpointing = Checkpointing(
            parameters,
            comm,
            source=source,
            target=target,
            every=checkpoints.every,
            request=request,
            tell=lambda line: click.echo(line, err=True),
            on_restart=on_restart,
            continued_by=checkpoints.continued_by(checkpoints.place(output)),
        )
        on_step = held.enter_context(show_progress(parameters)) if speaks else None
        result = run(
            parameters,
            comm=comm,
            kernel=kernel,
            dims=dims,
            threads=threads,
            halo_depth=halo_depth,
            exchange=exchange,
            selection=selection,
            on_frame=directory.write_frame if directory else None,
            on_step=on_step,
            on_plan=(lambda plan: click.echo(str(plan), err=True)) if speaks else None,
            checkpointing=checkpointing,
        )
        frames = {"frame_stride": directory.stride} if directory and parameters.outtime else {}
        report = build_report(
            "hpcpy-diffusion run", selection, parameters.as_dict(), **result.figures(), **frames
        )
        if directory is not None:
            directory.write_result(result, report, plot=plot, xdmf=xdmf)
    return result, report


def _read(
    comm: MPI.Intracomm,
    params: Path | None,
    overrides: tuple[str, ...],
    *,
    plot: bool | None,
    output: Path | None,
) -> tuple[Parameters, bool]:
    """Read the parameters, and settle whether pictures are drawn. Collective over comm."""
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
    return parameters, plot
