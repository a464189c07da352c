"""What the command ``verify`` does: all cases, one line for each algorithm, one verdict."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product
from textwrap import fill

import click
import numpy as np
from mpi4py import MPI

from hpcpy_core.agreement import raise_on_all
from hpcpy_core.device import Device, DeviceRequest
from hpcpy_core.selection import select
from hpcpy_core.transport import TransportRequest
from hpcpy_gpu_allreduce.attached import attach
from hpcpy_gpu_allreduce.case import make_case
from hpcpy_gpu_allreduce.check_algorithm import Reference, check_algorithm
from hpcpy_gpu_allreduce.errors import VerificationError
from hpcpy_gpu_allreduce.reduction import REDUCTIONS
from hpcpy_gpu_allreduce.references import BOUND
from hpcpy_gpu_allreduce.registry import explain_refusal

__all__ = ["Tally", "run_verify"]

HEADER = f"{'algorithm':19s}{'runs':>6s} {'error/bound':>12s}"


@dataclass(kw_only=True)
class Tally:
    """What was found of one algorithm: for each reason why it is not possible, for which dtypes."""

    runs: int = 0
    largest: float = 0.0
    wrong: list[str] = field(default_factory=list)
    refusals: dict[str, set[str]] = field(default_factory=dict)

    def describe(self, name: str) -> str:
        """Return the figures under `HEADER`, and the reasons below them, in 80 columns."""
        verdict = f"{len(self.wrong)} WRONG" if self.wrong else "right"
        figures = f"{self.runs:6d} {self.largest:12.2g}  {verdict}" if self.runs else ""
        lines = [f"{name:19s}{figures}"] if self.runs else []
        for reason, dtypes in self.refusals.items():
            what = f"{', '.join(sorted(dtypes))} " if self.runs else ""
            told = f"{what}not possible here: {reason}"
            begin = " " * 26 if self.runs else f"{name:19s}       "
            lines.append(fill(told, 80, initial_indent=begin, subsequent_indent=" " * 28))
        return "\n".join(lines)


def run_verify(
    comm: MPI.Intracomm,
    *,
    algorithms: Sequence[str],
    dtypes: Sequence[str],
    ops: Sequence[str],
    counts: Sequence[int],
    device: DeviceRequest,
    transport: TransportRequest,
) -> None:
    """Verify, and print. Collective over comm; the parameters are the command's options.

    Raises
    ------
    InputError
        On every rank, if the device or transport cannot be had.
    VerificationError
        On every rank, after the table, if any result was wrong.
    """
    selection = select(device, transport, comm, gpu=True)
    speaks = comm.rank == 0
    if speaks:
        click.echo(str(selection), err=True)
    tallies = _verify(comm, selection.device, algorithms, dtypes, ops, counts)
    if speaks:
        click.echo(HEADER)
        for name, tally in tallies.items():
            click.echo(tally.describe(name))
        click.echo(BOUND)
    wrong = [f"{name}, {first}" for name, tally in tallies.items() for first in tally.wrong[:1]]
    if wrong:
        raise_on_all(comm, VerificationError("; ".join(wrong)))


def _verify(
    comm: MPI.Intracomm,
    device: Device,
    algorithms: Sequence[str],
    dtypes: Sequence[str],
    ops: Sequence[str],
    counts: Sequence[int],
) -> dict[str, Tally]:
    """Run all cases. Collective over comm, and the same on all ranks."""
    attached = attach(comm)
    tallies = {name: Tally() for name in algorithms}
    for dtype, op, count in product(map(np.dtype, dtypes), ops, counts):
        reduction = REDUCTIONS[op]
        if dtype.kind == "c" and op in ("min", "max"):
            continue  # complex numbers have no order
        case = make_case(attached, count, dtype, reduction.op, device)
        reference = Reference(comm, count, dtype, reduction)
        for name, tally in tallies.items():
            reason = explain_refusal(name, case)
            if reason is not None:
                tally.refusals.setdefault(reason, set()).add(dtype.name)
                continue
            for part, wrong in check_algorithm(name, comm, device, reference):
                tally.runs += 1
                tally.largest = max(tally.largest, part)
                if wrong is not None:
                    tally.wrong.append(f"{reduction} of {count} {dtype}: {wrong}")
    return tallies
