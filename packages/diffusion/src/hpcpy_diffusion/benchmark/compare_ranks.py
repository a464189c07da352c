"""One rank against all ranks of the job, in turn, with each exchange.

``mpiexec -n 2 python -m hpcpy_diffusion.benchmark.compare_ranks large --json FILE``
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hpcpy_core.cli import run_command
from hpcpy_core.launch import import_mpi
from hpcpy_diffusion.benchmark.comparison import comparison

if TYPE_CHECKING:
    from mpi4py import MPI

    from hpcpy_core.selection import Selection
    from hpcpy_diffusion.ladder.measure import Case
    from hpcpy_diffusion.parameters import Parameters

__all__ = ["OnRootOnly", "compare_ranks", "main"]

ALONE = "1 rank"
EXCHANGES: tuple[Any, ...] = ("persistent", "shared")


@dataclass(frozen=True, kw_only=True)
class OnRootOnly:
    """A case that rank 0 does by itself; the others sleep until it is done."""

    case: "Case"
    comm: "MPI.Intracomm"

    def __call__(self, steps: int) -> float:
        """Return the seconds, on all ranks. Collective over comm."""
        from hpcpy_core.agreement import on_root

        seconds = 0.0
        with on_root(self.comm) as root:
            if root:
                seconds = self.case(steps)
        shared: float = self.comm.bcast(seconds, root=0)
        return shared


def compare_ranks(
    comm: "MPI.Intracomm",
    selection: "Selection",
    parameters: "Parameters",
    *,
    kernel: str,
    seconds: float,
    repeats: int,
) -> dict[str, Any]:
    """Time one rank and all ranks of a node in turn. Collective over comm.

    Returns
    -------
    dict
        Speeds by case, each with its ratio to one rank, and the best of these as ``ratio``.
    """
    from mpi4py import MPI

    from hpcpy_diffusion.kernels import find_kernel
    from hpcpy_diffusion.ladder.describe import describe_speed
    from hpcpy_diffusion.ladder.measure import measure_ladder
    from hpcpy_diffusion.ladder.time_run import TimedRun

    def timed(comm: MPI.Intracomm, **options: Any) -> TimedRun:  # noqa: ANN401 - those of TimedRun
        return TimedRun(
            parameters=parameters, comm=comm, selection=selection, kernel=kernel, **options
        )

    cases: dict[str, Case] = {ALONE: OnRootOnly(case=timed(MPI.COMM_SELF), comm=comm)}
    for exchange in EXCHANGES:
        cases[f"{comm.size} ranks, {exchange}"] = timed(comm, exchange=exchange)
    patient = cases if find_kernel(kernel).tiles else ()
    measured = measure_ladder(
        cases, most=parameters.steps, seconds=seconds, repeats=repeats, patient=patient
    )
    rows: dict[str, dict[str, Any]] = {
        name: {
            "steps": found.steps,
            "speed": describe_speed(
                name, measured, cells=parameters.points**2, against={"ratio": ALONE}
            ),
        }
        for name, found in measured.items()
    }
    best = max(row["speed"]["ratio"] for name, row in rows.items() if name != ALONE)
    return {"cases": rows, "ratio": best}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    command = comparison("hpcpy_diffusion.benchmark.compare_ranks", compare_ranks)
    return run_command(command, argv, lambda: import_mpi().COMM_WORLD)


if __name__ == "__main__":
    sys.exit(main())
