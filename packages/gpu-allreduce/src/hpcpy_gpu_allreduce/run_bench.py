"""What the commands ``bench`` and ``tune`` have in common, and what ``bench`` does with it."""

from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np
from mpi4py import MPI

from hpcpy_core.agreement import on_root
from hpcpy_core.device import DeviceRequest
from hpcpy_core.output_files import check_plot, check_writable
from hpcpy_core.report import build_report, write_report
from hpcpy_core.selection import select
from hpcpy_core.transport import TransportRequest
from hpcpy_gpu_allreduce.measure_sizes import measure_sizes

__all__ = ["run_bench"]

COMMAND = "hpcpy-gpu-allreduce bench"


def run_bench(
    comm: MPI.Intracomm,
    *,
    sizes: Sequence[int],
    algorithms: Sequence[str],
    dtype: str,
    op: str,
    repeats: int,
    json: Path | None,
    plot: Path | None,
    device: DeviceRequest,
    transport: TransportRequest,
) -> None:
    """Measure and write. Collective over comm; the parameters are the command's options.

    Raises
    ------
    InputError
        On every rank, before anything is measured, if what was asked for cannot be done.
    VerificationError
        On every rank, if an algorithm gave a wrong result.
    """
    with on_root(comm) as root:
        if root:
            check_writable(json, "--json")
            check_plot(plot)
    selection = select(device, transport, comm, gpu=True)
    if comm.rank == 0:
        click.echo(str(selection), err=True)
    found = measure_sizes(
        comm, selection.device, algorithms, sizes, np.dtype(dtype), op, repeats=repeats
    )
    with on_root(comm) as root:
        if root:
            if json is not None:
                parameters = {"sizes": list(sizes), "dtype": dtype, "op": op, "repeats": repeats}
                measurements = [each.as_dict() for each in found.measurements]
                report = build_report(
                    COMMAND,
                    selection,
                    parameters,
                    not_possible=found.refusals,
                    measurements=measurements,
                )
                write_report(json, report)
            if plot is not None:
                from hpcpy_gpu_allreduce.draw import draw_bandwidths

                draw_bandwidths(plot, found.measurements)
