"""Our fastest kernel against other libraries, in turn, in one process.

``mpiexec -n 1 python -m hpcpy_diffusion.benchmark.compare_libraries notes --json FILE``
"""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from hpcpy_core.cli import run_command
from hpcpy_core.errors import InputError
from hpcpy_core.launch import import_mpi
from hpcpy_diffusion.benchmark.comparison import comparison
from hpcpy_diffusion.benchmark.libraries import LIBRARIES

if TYPE_CHECKING:
    from mpi4py import MPI

    from hpcpy_core.selection import Selection
    from hpcpy_diffusion.ladder.timed import Timed
    from hpcpy_diffusion.parameters import Parameters

__all__ = ["compare_libraries", "main"]

CHECKED_STEPS = 8
TOLERANCE = 1e-10


def compare_libraries(
    comm: "MPI.Intracomm",
    selection: "Selection",
    parameters: "Parameters",
    *,
    kernel: str,
    seconds: float,
    repeats: int,
) -> dict[str, Any]:
    """Check other libraries against ours on one rank, then time all in turn. Local.

    Returns
    -------
    dict
        Speeds by library, each with what ours is as many times as fast, and what is missing.

    Raises
    ------
    InputError
        On every rank, if there are several.
    HpcpyError
        If a library's field differs by more than 1e-10 of the largest density.
    """
    from hpcpy_core.agreement import agreed
    from hpcpy_diffusion.kernels import find_kernel
    from hpcpy_diffusion.ladder.check import check
    from hpcpy_diffusion.ladder.describe import describe_speed
    from hpcpy_diffusion.ladder.measure import measure_ladder
    from hpcpy_diffusion.ladder.time_run import TimedRun

    with agreed(comm):
        if comm.size > 1:
            raise InputError("the libraries run in one process: start it on one rank")
    ours = f"hpcpy {kernel}"
    cases: dict[str, Timed] = {
        ours: TimedRun(parameters=parameters, comm=comm, selection=selection, kernel=kernel)
    }
    fields = {CHECKED_STEPS: cases[ours].whole(CHECKED_STEPS)}
    differences = {ours: 0.0}
    versions = {}
    for library in LIBRARIES:
        if library.installed:
            name = library.name
            cases[name] = library.prepare(parameters)
            differences[name] = check(name, cases[name], fields, comm, tolerance=TOLERANCE)
            versions[name] = library.version
    patient = [ours] if find_kernel(kernel).tiles else []  # the others have no other layout
    measured = measure_ladder(
        cases, most=parameters.steps, seconds=seconds, repeats=repeats, patient=patient
    )
    speeds = {
        name: describe_speed(name, measured, cells=parameters.points**2, against={})
        for name in measured
    }
    rows = {
        name: {
            "steps": measured[name].steps,
            "difference": differences[name],
            "speed": {
                **speed,
                "ours_is_faster": speeds[ours]["gcells_per_second"] / speed["gcells_per_second"],
            },
        }
        for name, speed in speeds.items()
    }
    return {
        "cases": rows,
        "library_versions": versions,
        "missing": [each.name for each in LIBRARIES if not each.installed],
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    command = comparison("hpcpy_diffusion.benchmark.compare_libraries", compare_libraries)
    return run_command(command, argv, lambda: import_mpi().COMM_WORLD)


if __name__ == "__main__":
    sys.exit(main())
