"""What the command ``ladder`` does: check every kernel, time them in turn, tell."""

from collections.abc import Sequence
from pathlib import Path

import click
from mpi4py import MPI

from hpcpy_core.agreement import agreed, on_root
from hpcpy_core.device import DeviceRequest
from hpcpy_core.errors import InputError
from hpcpy_core.output_files import check_plot, check_writable
from hpcpy_core.report import build_report, write_report
from hpcpy_core.selection import select
from hpcpy_core.transport import TransportRequest
from hpcpy_diffusion.check_threads import check_threads
from hpcpy_diffusion.ladder.check import CHECKED_POINTS, CHECKED_STEPS
from hpcpy_diffusion.ladder.count_cores import count_cores
from hpcpy_diffusion.ladder.format_table import format_ladder
from hpcpy_diffusion.ladder.measure_rungs import measure_rungs
from hpcpy_diffusion.ladder.rung import list_missing, list_rungs, settle_ladder
from hpcpy_diffusion.load_parameters import load_parameters
from hpcpy_diffusion.parameters import Parameters

__all__ = ["run_ladder"]


def run_ladder(
    comm: MPI.Intracomm,
    params: Path | None,
    *,
    device: DeviceRequest,
    transport: TransportRequest,
    overrides: tuple[str, ...],
    kernels: Sequence[str] | None,
    threads: Sequence[int] | None,
    repeats: int,
    seconds: float,
    json: Path | None,
    plot: Path | None,
) -> None:
    """Check, measure, print and write. Collective over comm; the options are the command's.

    Raises
    ------
    InputError
        On every rank, before any work, if what was asked for cannot be done; later, if no
        kernel of a GPU can do this problem.
    HpcpyError
        On every rank, before anything is timed, if a kernel gives a wrong field.
    FileError
        On every rank, if an output cannot be written.
    """
    with on_root(comm) as root:
        if root:
            check_writable(json, "--json")
            check_plot(plot)
        loaded = load_parameters(params, overrides) if root else None
    parameters: Parameters = comm.bcast(loaded, root=0)
    with agreed(comm):
        if not parameters.steps:
            raise InputError(f"runtime = {parameters.runtime:g}: no time step, nothing to time")
        check_threads(max(threads or (1,)), force=None)
        device = settle_ladder(device, kernels)
    selection = select(device, transport, comm, gpu=True)
    if comm.rank == 0:
        click.echo(str(selection), err=True)
    kind = selection.device.kind
    if threads is None:
        threads = (1,) if kind == "cpu" else (count_cores(comm),)
    rungs = list_rungs(kernels, threads, kind)
    figures = measure_rungs(rungs, parameters, comm, selection, seconds=seconds, repeats=repeats)
    report = build_report(
        "hpcpy-diffusion ladder",
        selection,
        parameters.as_dict(),
        repeats=repeats,
        seconds_per_repeat=seconds,
        checked={"points": CHECKED_POINTS, "steps": list(CHECKED_STEPS)},
        **figures,
        missing=list_missing(kind) if kernels is None else {},
    )
    with on_root(comm) as root:
        if root:
            click.echo(format_ladder(report))
            if json is not None:
                write_report(json, report)
            if plot is not None:
                from hpcpy_diffusion.ladder.draw import draw_ladder

                draw_ladder(plot, report)
