"""What the command ``train`` does: descend, print the loss, write."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import numpy as np
from mpi4py import MPI

from hpcpy_core.agreement import on_root
from hpcpy_core.device import DeviceRequest
from hpcpy_core.output_files import check_plot, check_writable
from hpcpy_core.report import build_report, write_report
from hpcpy_core.selection import select
from hpcpy_core.transport import TransportRequest
from hpcpy_gpu_allreduce.regression import Problem, descend

__all__ = ["run_train"]

COMMAND = "hpcpy-gpu-allreduce train"
LINES = 10
"""Losses that are printed, besides the first."""


def run_train(
    comm: MPI.Intracomm,
    *,
    algorithm: str,
    json: Path | None,
    plot: Path | None,
    device: DeviceRequest,
    transport: TransportRequest,
    **parameters: Any,  # noqa: ANN401 - those of Problem
) -> None:
    """Learn and write. Collective over comm; the parameters are the command's options.

    Raises
    ------
    InputError
        On every rank, before anything is learned, if what was asked for cannot be done.
    """
    with on_root(comm) as root:
        if root:
            check_writable(json, "--json")
            check_plot(plot)
    selection = select(device, transport, comm, gpu=True)
    problem = Problem(**parameters)
    seen = list(descend(problem, comm, selection.device, algorithm))
    losses, weights = [loss for loss, _ in seen], seen[-1][1]
    distance = float(np.linalg.norm(weights - problem.weights()))
    with on_root(comm) as root:
        if root:
            click.echo(str(selection), err=True)
            click.echo(_format(losses))
            click.echo(f"the weights are {distance:.3g} from those that the data was made with")
            if json is not None:
                report = build_report(
                    COMMAND,
                    selection,
                    {**asdict(problem), "algorithm": algorithm},
                    losses=losses,
                    distance=distance,
                )
                write_report(json, report)
            if plot is not None:
                from hpcpy_gpu_allreduce.draw import draw_losses

                draw_losses(plot, losses)


def _format(losses: Sequence[float]) -> str:
    """Return a table of some of the losses, the first and the last among them."""
    last = len(losses) - 1
    steps = sorted({round(last * line / LINES) for line in range(LINES + 1)})
    return "\n".join(["  step  loss", *(f"{step:6d}  {losses[step]:.12e}" for step in steps)])
