"""What the command ``ladder`` does: check every kernel, time them in turn, tell."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from mpi4py import MPI

from hpcpy_core.agreement import agreed, on_root
from hpcpy_core.errors import InputError
from hpcpy_core.output_files import check_writable
from hpcpy_core.report import build_report, write_report
from hpcpy_core.selection import Selection, select
from hpcpy_diffusion.kernels import KERNELS, find_kernel
from hpcpy_diffusion.ladder.check import (
    CHECKED_POINTS,
    CHECKED_STEPS,
    check,
    small_problem,
    solve_reference,
)
from hpcpy_diffusion.ladder.describe import describe_copy, describe_rung
from hpcpy_diffusion.ladder.format_table import format_ladder
from hpcpy_diffusion.ladder.measure import excess_of_first_call, measure_ladder
from hpcpy_diffusion.ladder.rung import Rung, list_missing, list_rungs
from hpcpy_diffusion.ladder.time_copy import TimedCopy
from hpcpy_diffusion.ladder.time_run import TimedRun
from hpcpy_diffusion.ladder.time_yardstick import TimedYardstick
from hpcpy_diffusion.ladder.timed import Timed
from hpcpy_diffusion.load_parameters import load_parameters
from hpcpy_diffusion.parameters import Parameters

__all__ = ["run_ladder"]

REFERENCE = Rung(kernel=KERNELS["python"])


def run_ladder(
    comm: MPI.Intracomm,
    params: Path | None,
    *,
    overrides: tuple[str, ...],
    kernels: Sequence[str] | None,
    threads: Sequence[int],
    repeats: int,
    seconds: float,
    json: Path | None,
    plot: Path | None,
) -> None:
    """Check, measure, print and write. Collective over comm; the options are the command's.

    Raises
    ------
    InputError
        On every rank, before any work, if what was asked for cannot be done.
    HpcpyError
        On every rank, before anything is timed, if a kernel gives a wrong field.
    FileError
        On every rank, if an output cannot be written.
    """
    with on_root(comm) as root:
        if root:
            check_writable(json, "--json")
            check_writable(plot, "--plot")
        loaded = load_parameters(params, overrides) if root else None
    parameters: Parameters = comm.bcast(loaded, root=0)
    with agreed(comm):
        if not parameters.steps:
            raise InputError(f"runtime = {parameters.runtime:g}: no time step, nothing to time")
        for name in kernels or ():
            find_kernel(name)
        rungs = list_rungs(kernels, threads)
    selection = select("auto", "auto", comm)
    if comm.rank == 0:
        click.echo(str(selection), err=True)
    figures = _measure(rungs, parameters, comm, selection, seconds=seconds, repeats=repeats)
    report = build_report(
        "hpcpy-diffusion ladder",
        selection,
        parameters.as_dict(),
        repeats=repeats,
        seconds_per_repeat=seconds,
        checked={"points": CHECKED_POINTS, "steps": list(CHECKED_STEPS)},
        **figures,
        missing=list_missing() if kernels is None else {},
    )
    with on_root(comm) as root:
        if root:
            click.echo(format_ladder(report))
            if json is not None:
                write_report(json, report)
            if plot is not None:
                from hpcpy_diffusion.ladder.draw import draw_ladder

                draw_ladder(plot, report)


def _measure(
    rungs: Sequence[Rung],
    parameters: Parameters,
    comm: MPI.Intracomm,
    selection: Selection,
    *,
    seconds: float,
    repeats: int,
) -> Mapping[str, Any]:
    """Return the figures of the rungs and of the copy."""

    def timed(rung: Rung, problem: Parameters) -> Timed:
        if rung.kernel.yardstick and comm.size == 1:  # the notes' programs have one process
            return TimedYardstick(kernel=rung.kernel, parameters=problem)
        return TimedRun(
            parameters=problem,
            comm=comm,
            selection=selection,
            kernel=rung.kernel.name,
            threads=rung.threads,
        )

    small = small_problem(parameters)
    fields = solve_reference(timed(REFERENCE, small))
    warm_up, differences = {}, {}
    for rung in rungs:
        case = timed(rung, small)
        warm_up[rung.name] = excess_of_first_call(case)
        differences[rung.name] = check(f"kernel {rung.name}", case, fields, comm)
    measured = measure_ladder(
        {
            **{rung.name: timed(rung, parameters) for rung in rungs},
            "copy": TimedCopy(parameters=parameters, comm=comm),
        },
        most=parameters.steps,
        seconds=seconds,
        repeats=repeats,
        patient=[rung.name for rung in rungs if rung.kernel.tiles],
        warm_up=warm_up,
    )
    cells, most = parameters.points**2, parameters.steps
    return {
        "rungs": {
            rung.name: describe_rung(
                rung, measured, cells=cells, most=most, difference=differences[rung.name]
            )
            for rung in rungs
        },
        "copy": describe_copy(measured, cells=cells, most=most),
    }
