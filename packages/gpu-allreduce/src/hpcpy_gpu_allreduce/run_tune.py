"""What the command ``tune`` does: measure, decide, store."""

from collections.abc import Sequence
from math import inf

import click
import numpy as np
from mpi4py import MPI

from hpcpy_core.agreement import on_root
from hpcpy_core.device import DeviceRequest
from hpcpy_core.selection import select
from hpcpy_core.sizes import format_size
from hpcpy_core.transport import TransportRequest
from hpcpy_gpu_allreduce.attached import attach
from hpcpy_gpu_allreduce.measure_sizes import measure_sizes
from hpcpy_gpu_allreduce.measurement import Measurement
from hpcpy_gpu_allreduce.thresholds import FALLBACKS, Row
from hpcpy_gpu_allreduce.tuned import store_thresholds

__all__ = ["find_rows", "run_tune"]

MARGIN = 0.95
"""Of the time of the default algorithm, which another one must stay below to replace it."""


def run_tune(
    comm: MPI.Intracomm,
    *,
    sizes: Sequence[int],
    algorithms: Sequence[str],
    repeats: int,
    device: DeviceRequest,
    transport: TransportRequest,
) -> None:
    """Measure and store. Collective over comm; the parameters are the command's options.

    Raises
    ------
    InputError
        On every rank, if nothing can be measured.
    FileError
        On every rank, if the table cannot be stored.
    """
    selection = select(device, transport, comm, gpu=True)
    if comm.rank == 0:
        click.echo(str(selection), err=True)
    here = selection.device
    found = measure_sizes(
        comm, here, algorithms, sizes, np.dtype(np.float32), "sum", repeats=repeats
    )
    rows = find_rows(found.measurements, FALLBACKS[here.kind])
    attached = attach(comm)
    with on_root(comm) as root:
        if root:
            path = store_thresholds(attached, here, rows)
            for row in rows:
                upto = "beyond" if row.upto == inf else f"up to {format_size(int(row.upto))} B"
                click.echo(f"{upto:12s} {row.algorithm}")
            click.echo(f"stored in {path}")
    attached.thresholds.clear()
    attached.choices.clear()


def find_rows(measurements: Sequence[Measurement], defaults: Sequence[str]) -> list[Row]:
    """Return the fastest algorithm up to which size. Local.

    Parameters
    ----------
    measurements
        Of growing sizes.
    defaults
        The first one that was measured keeps its place, unless another is clearly faster.
    """
    sizes: dict[int, dict[str, float]] = {}
    for measured in measurements:
        if not measured.is_ceiling:
            times = sizes.setdefault(measured.nbytes, {})
            times[measured.algorithm] = measured.timing.median
    rows: list[Row] = []
    for nbytes, times in sizes.items():
        fastest = min(times, key=times.__getitem__)
        default = next((name for name in defaults if name in times), fastest)
        chosen = fastest if times[fastest] < MARGIN * times[default] else default
        if rows and rows[-1].algorithm == chosen:
            rows.pop()
        rows.append(Row(upto=nbytes, algorithm=chosen))
    return [*rows[:-1], Row(upto=inf, algorithm=rows[-1].algorithm)]
