"""Measure all algorithms that are possible here, size after size, and print what is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import click
import numpy as np
from mpi4py import MPI

from hpcpy_core.agreement import agreed, raise_on_all
from hpcpy_core.device import Device
from hpcpy_core.errors import InputError
from hpcpy_core.memory import require_memory
from hpcpy_core.sizes import format_size
from hpcpy_gpu_allreduce.attached import attach
from hpcpy_gpu_allreduce.case import make_case
from hpcpy_gpu_allreduce.measure import measure
from hpcpy_gpu_allreduce.measurement import HEADER, Measurement
from hpcpy_gpu_allreduce.reduction import REDUCTIONS
from hpcpy_gpu_allreduce.registry import explain_refusal

__all__ = ["Found", "measure_sizes"]


@dataclass(frozen=True, kw_only=True)
class Found:
    """The figures, and why what is not among them is not possible here; the same on all ranks."""

    measurements: list[Measurement]
    refusals: dict[str, str]


def measure_sizes(
    comm: MPI.Intracomm,
    device: Device,
    algorithms: Sequence[str],
    sizes: Sequence[int],
    dtype: np.dtype[Any],
    op: str,
    *,
    repeats: int,
) -> Found:
    """Measure, and print a line of each figure on rank 0. Collective over comm.

    Parameters
    ----------
    comm, device
        Who measures, and where the arrays are.
    algorithms
        Names; those that are not possible are left out, and the reason is printed.
    sizes
        Bytes of each rank's array; each becomes a whole number of items, 1 at least.
    dtype, op
        What is reduced.
    repeats
        Blocks of calls.

    Raises
    ------
    InputError
        On every rank, if nothing can be measured, or the arrays do not fit into memory.
    """
    attached, reduction = attach(comm), REDUCTIONS[op]
    counts = list(dict.fromkeys(max(1, size // dtype.itemsize) for size in sizes))
    with agreed(comm):
        case = make_case(attached, counts[-1], dtype, reduction.op, device)
    reasons = {name: explain_refusal(name, case) for name in algorithms}
    refusals = {name: reason for name, reason in reasons.items() if reason is not None}
    possible = [name for name in algorithms if name not in refusals]
    if not possible:
        told = "; ".join(f"{name}: {reason}" for name, reason in refusals.items())
        raise_on_all(comm, InputError(f"none of the algorithms is possible here ({told})"))
    if device.kind == "cpu":
        require_memory(
            comm,
            (2 * len(possible) + 2) * case.nbytes,
            f"measuring {len(possible)} algorithms with {format_size(case.nbytes)} B",
            "end --sizes earlier, name fewer --algorithms, or start fewer ranks",
        )
    speaks = comm.rank == 0
    if speaks:
        for name, reason in refusals.items():
            click.echo(f"{name} is not possible here: {reason}", err=True)
        click.echo(HEADER)
    measurements: list[Measurement] = []
    for count in counts:
        case = make_case(attached, count, dtype, reduction.op, device)
        for measured in measure(comm, case, possible, repeats=repeats):
            measurements.append(measured)
            if speaks:
                click.echo(str(measured))
    return Found(measurements=measurements, refusals=refusals)
