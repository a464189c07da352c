"""The whole computation: choose device and mode, compute, tell how."""

import math
from dataclasses import dataclass
from typing import Any

from mpi4py import MPI

from hpcpy_core.agreement import agreed
from hpcpy_core.device import DeviceRequest
from hpcpy_core.files.numba_cache import numba_compiles
from hpcpy_core.report import build_report
from hpcpy_core.selection import Selection, select
from hpcpy_core.transport import TransportRequest
from hpcpy_spawn_pi.choose_mode import Choice, choose_mode
from hpcpy_spawn_pi.kernels import find_kernel
from hpcpy_spawn_pi.manager import compute_by_spawn
from hpcpy_spawn_pi.outcome import Phases
from hpcpy_spawn_pi.parameters import Parameters
from hpcpy_spawn_pi.pool import compute_by_futures
from hpcpy_spawn_pi.quadrature import count_blocks, to_pi
from hpcpy_spawn_pi.split import compute_by_split

__all__ = ["Result", "run"]

COMPUTE = {
    "spawn": compute_by_spawn,
    "split": compute_by_split,
    "futures": compute_by_futures,
}


@dataclass(frozen=True, kw_only=True)
class Result:
    """Pi, and how it was computed.

    Attributes
    ----------
    pi
        The midpoint rule's, correctly rounded from an exact sum: the same to the last
        bit in every mode and for any number of workers. On rank 0; elsewhere 0.
    choice
        Mode, with its reason, and number of workers.
    selection
        Device and world.
    kernel
        What the workers computed with.
    phases
        Seconds of start, computing and end.
    """

    pi: float
    choice: Choice
    selection: Selection
    kernel: str
    phases: Phases

    @property
    def error(self) -> float:
        """The distance to pi; the rule's own is 1 / (12 intervals^2)."""
        return abs(self.pi - math.pi)

    @property
    def intervals_per_second(self) -> float:
        """Of all workers together, while they computed."""
        return self.choice.parameters.intervals / self.phases.compute

    def report(self) -> dict[str, Any]:
        """Return the record of the run."""
        parameters = self.choice.parameters
        return build_report(
            "hpcpy-spawn-pi run",
            self.selection,
            {"workers": parameters.workers, "intervals": parameters.intervals},
            mode={"name": self.choice.mode, "reason": self.choice.reason},
            kernel=self.kernel,
            pi=self.pi,
            error=self.error,
            seconds={
                "start": self.phases.start,
                "compute": self.phases.compute,
                "end": self.phases.end,
            },
            intervals_per_second=self.intervals_per_second,
        )


def run(
    parameters: Parameters,
    *,
    comm: MPI.Intracomm,
    device: DeviceRequest = "auto",
    transport: TransportRequest = "auto",
) -> Result:
    """Compute pi. Collective over comm.

    Parameters
    ----------
    parameters
        What to compute, by how many workers, in which mode.
    comm
        The ranks that are there: they manage, or compute themselves.
    device, transport
        Where workers compute, and how sums reach MPI: these are host integers on any device.

    Raises
    ------
    InputError
        On every rank, if what was asked for cannot be had here.
    HpcpyError
        On every rank, if MPI could not do it. A lost or late worker ends the job with
        one message instead.
    """
    selection = select(device, transport, comm, gpu=True)
    kernel = "cupy"
    with agreed(comm):
        if selection.device.kind == "cpu":
            kernel = "numba" if numba_compiles() else "numpy"  # the same bits
        find_kernel(kernel)
        count_blocks(parameters.intervals)
    choice = choose_mode(parameters, comm)
    outcome = COMPUTE[choice.mode](comm, choice.parameters, kernel)
    return Result(
        pi=to_pi(outcome.total, parameters.intervals),
        choice=choice,
        selection=selection,
        kernel=kernel,
        phases=outcome.phases,
    )
