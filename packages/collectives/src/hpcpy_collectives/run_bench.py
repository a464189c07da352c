"""What the command ``bench`` does: refuse what cannot be done, measure, write."""

from collections.abc import Sequence
from pathlib import Path

import click
from mpi4py import MPI

from hpcpy_collectives.formats import HEADER, Format, format_report, format_row
from hpcpy_collectives.measure import measure
from hpcpy_collectives.measurement import Measurement
from hpcpy_collectives.memory import check_memory
from hpcpy_collectives.operations import Api
from hpcpy_collectives.plan import Case, list_cases
from hpcpy_collectives.read_report import COMMAND
from hpcpy_collectives.surroundings import describe_surroundings, measure_reduction
from hpcpy_core.agreement import agreed, on_root
from hpcpy_core.device import Device, DeviceRequest
from hpcpy_core.output_files import check_plot, check_writable, write_text
from hpcpy_core.report import build_report
from hpcpy_core.selection import select
from hpcpy_core.transport import TransportRequest

__all__ = ["run_bench"]

SUFFIXES: dict[str, Format] = {".csv": "csv", ".json": "json"}


def run_bench(
    comm: MPI.Intracomm,
    *,
    ops: Sequence[str] | None,
    apis: Sequence[Api],
    sizes: Sequence[int],
    iterations: int | None,
    warmup: int | None,
    validate: bool,
    form: Format | None,
    output: Path | None,
    plot: Path | None,
    device: DeviceRequest,
    transport: TransportRequest,
) -> None:
    """Measure and write. Collective over comm; the parameters are the command's options.

    Raises
    ------
    InputError
        On every rank, before anything is measured, if what was asked for cannot be done.
    ValidationError
        On every rank, if an operation delivered wrong data on any.
    FileError
        On every rank, if the output could not be written after all.
    """
    with agreed(comm):
        cases = list_cases(ops, apis, sizes, comm.size, iterations=iterations, warmup=warmup)
    with on_root(comm) as root:
        if root:
            check_writable(output, "--output")
            check_plot(plot)
    selection = select(device, transport, comm, gpu=True)
    check_memory(cases, comm)
    surroundings = describe_surroundings(comm)
    printed = (form or "table") if output is None else "table"
    if comm.rank == 0:
        click.echo(str(selection), err=True)
    measurements = _measure(
        cases, comm, selection.device, validate=validate, live=printed == "table"
    )
    with on_root(comm) as root:
        if root:
            report = build_report(
                COMMAND,
                selection,
                {
                    "ops": list(dict.fromkeys(case.operation.name for case in cases)),
                    "apis": list(apis),
                    "sizes": list(sizes),
                    "iterations": iterations,
                    "warmup": warmup,
                    "validate": validate,
                },
                surroundings=surroundings,
                reduction_seconds_per_byte=measure_reduction(),
                measurements=[measured.as_dict() for measured in measurements],
            )
            if printed != "table":
                click.echo(format_report(report, measurements, printed))
            if output is not None:
                chosen = form or SUFFIXES.get(output.suffix.lower(), "table")
                write_text(output, format_report(report, measurements, chosen))
            if plot is not None:
                from hpcpy_collectives.draw import draw_measurements

                draw_measurements(plot, measurements)


def _measure(
    cases: Sequence[Case], comm: MPI.Intracomm, device: Device, *, validate: bool, live: bool
) -> list[Measurement]:
    """Measure all cases, and print each as soon as it is known. Collective over comm."""
    speaks = live and comm.rank == 0
    if speaks:
        click.echo(HEADER)
    measurements = []
    for case in cases:
        measured = measure(case, comm, device, validate=validate)
        measurements.append(measured)
        if speaks:
            click.echo(format_row(measured))
    return measurements
