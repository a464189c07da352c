"""One MPI rank against a loop without MPI, in turn: what the solver costs beside its kernel."""

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from statistics import median
from typing import Any

from hpcpy_core.tools import run_tool
from hpcpy_diffusion.benchmark.problems import as_options
from hpcpy_diffusion.parameters import Parameters

__all__ = ["compare_bare"]

SECONDS = 120
"""After which a process is ended; it takes a few."""


def compare_bare(
    mpiexec: Sequence[str], parameters: Parameters, *, kernel: str, steps: int, repeats: int
) -> dict[str, Any]:
    """Start both in turn, each time as new processes. Local.

    Parameters
    ----------
    mpiexec
        The launcher's command line for one rank.
    parameters
        The problem; so many of its steps are taken.
    kernel, steps
        Of both.
    repeats
        Of each.

    Returns
    -------
    dict
        Medians in seconds, and the median of the neighbours' ratios: above 1, MPI is slower.

    Raises
    ------
    HpcpyError
        If a process fails.
    """
    problem = replace(parameters, runtime=(steps + 0.5) * parameters.dt)
    module = [sys.executable, "-m"]
    run = [*mpiexec, *module, "hpcpy_diffusion", "run", "--json", "--kernel", kernel]
    bare = [*module, "hpcpy_diffusion.benchmark.bare_loop", "--kernel", kernel]
    with_mpi, without = [], []
    for _ in range(repeats):
        report = json.loads(run_tool([*run, *as_options(problem)], SECONDS))
        with_mpi.append(report["seconds"]["compute"] + report["seconds"]["halo"])
        size = ["--points", str(problem.points), "--steps", str(steps)]
        without.append(float(run_tool([*bare, *size], SECONDS)))
    return {
        "kernel": kernel,
        "steps": steps,
        "repeats": repeats,
        "seconds": {"one rank": median(with_mpi), "no MPI": median(without)},
        "ratio": median(a / b for a, b in zip(with_mpi, without, strict=True)),
    }
