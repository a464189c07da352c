"""What the commands do: read the parameters, solve, write. Importing it starts MPI."""

import shlex
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from mpi4py import MPI

from hpcpy_core.agreement import agreed, on_root, same_on_all
from hpcpy_core.device import DeviceRequest
from hpcpy_core.errors import HpcpyError, InputError
from hpcpy_core.figures import require_matplotlib
from hpcpy_core.report import build_report
from hpcpy_core.selection import select
from hpcpy_core.transport import TransportRequest
from hpcpy_diffusion.catch_sigusr1 import StopRequest, catching_sigusr1
from hpcpy_diffusion.check_threads import check_threads
from hpcpy_diffusion.checkpointing import Checkpointing
from hpcpy_diffusion.every import Every
from hpcpy_diffusion.load_parameters import load_parameters
from hpcpy_diffusion.output import OutputDirectory
from hpcpy_diffusion.parameters import Parameters
from hpcpy_diffusion.plan import Depth, ExchangeName
from hpcpy_diffusion.progress import show_progress
from hpcpy_diffusion.require_room import require_room
from hpcpy_diffusion.result import Result
from hpcpy_diffusion.run_folder import NEW
from hpcpy_diffusion.settle_device import settle_device
from hpcpy_diffusion.settle_places import Places, settle_places
from hpcpy_diffusion.solver import run
from hpcpy_diffusion.thin import find_stride
from hpcpy_mpiio import Checkpoint

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

    def continued_by(self, place: Path | None, target: Path | None) -> str:
        """Return what continues a run that has stopped, and has written to `target`."""
        if target is not None and NEW in target.parts and not self.resume:
            return "give the same command with --resume instead of --overwrite"
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
    force: bool = False,
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
        check_threads(threads, force=force)
        for option, given in (("--xdmf", xdmf), ("--full-frames", full_frames)):
            if given and output is None:
                raise InputError(f"{option} needs a place: give --output DIR")
    selection = select(device, transport, comm, gpu=True)
    speaks = comm.rank == 0 and not quiet
    if speaks:
        click.echo(str(selection), err=True)
    with ExitStack() as held:
        request = held.enter_context(catching_sigusr1()) if checkpoints.writes else StopRequest()
        place = checkpoints.place(output)
        settled: Places | None = None
        with on_root(comm) as is_root:
            if is_root:
                settled = settle_places(
                    parameters,
                    held,
                    output=output,
                    place=place,
                    restart=checkpoints.restart,
                    resume=checkpoints.resume,
                    writes=checkpoints.writes,
                    overwrite=overwrite,
                    full_frames=full_frames,
                )
                if plot:
                    require_matplotlib()
                if not force:
                    require_room(settled, parameters, full_frames=full_frames)
        # The ranks may be in different folders: rank 0 alone works with paths that are relative.
        root, source, target = comm.bcast(
            settled and (settled.output, settled.source, settled.target)
        )
        stride = 1 if full_frames else find_stride(parameters.shape)
        directory = None if root is None else OutputDirectory(root, comm, stride)
        if checkpoints.resume and source is None and speaks:
            click.echo(f"no checkpoint in {place}: starting at step 0", err=True)
        checkpointing = Checkpointing(
            parameters,
            comm,
            source=source and Checkpoint(source, comm),
            target=target and Checkpoint(target, comm),
            every=checkpoints.every,
            request=request,
            tell=lambda line: click.echo(line, err=True),
            continued_by=checkpoints.continued_by(place, target),
        )

        def release(target: Path | None) -> None:
            if target is not None:
                Checkpoint(target, comm).close()

        def begin(step: int) -> None:
            with on_root(comm):
                if settled is not None:
                    settled.require_frames(parameters, step, drawn=plot)
                    settled.begin(parameters, held)
            for folder, there in settled.folders if settled is not None and speaks else ():
                if there == folder.staging:
                    click.echo(
                        f"the earlier run in {folder.directory} stays until this one is whole; "
                        f"meanwhile it is in {there}",
                        err=True,
                    )

        on_step = held.enter_context(show_progress(parameters)) if speaks else None
        try:
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
                on_start=begin,
                checkpointing=checkpointing,
                force=force,
            )
            frames = {"frame_stride": stride} if directory and parameters.outtime else {}
            report = build_report(
                "hpcpy-diffusion run", selection, parameters.as_dict(), **result.figures(), **frames
            )
            if directory is not None:
                directory.write_result(result, report, plot=plot, xdmf=xdmf)
            with on_root(comm):
                if settled is not None:
                    release(target)
                    settled.finish()
        except HpcpyError as error:
            if error.agreed and settled is not None:
                release(target)
                settled.abandon()
            raise
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
    same_on_all(comm, {"--set": overrides, "--plot": plot})
    with on_root(comm) as root:
        loaded = load_parameters(params, overrides) if root else None
    parameters: Parameters = comm.bcast(loaded, root=0)
    with agreed(comm):
        plot = parameters.graphics if plot is None else plot
        if plot and output is None:
            raise InputError("pictures need a place: give --output DIR, or --no-plot")
    return parameters, plot
