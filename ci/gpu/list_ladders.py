"""The ladders of diffusion on the GPU: which grids, on how many ranks, within how long.

By arithmetic, not measured: at 200 to 600 Gcell/s a ladder takes a few seconds for its repeats,
and as many again to start and to fill its fields; the largest about 25 s, the others 10.
"""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from step import Step

__all__ = ["list_ladders"]

WIDTH = 20
"""Of the square that is solved, in the problem's length."""

ALL = "cupy,cupy-raw,cupy-tiled,cupy-resident"
FAST = "cupy-raw,cupy-tiled"
LADDERS = (
    (16384, "float64", 1, ALL, 75.0),
    (16384, "float64", 2, FAST, 75.0),
    (2048, "float64", 1, ALL, 40.0),
    (16384, "float32", 1, ALL, 60.0),
    (2048, "float32", 1, ALL, 40.0),
    (4096, "float64", 1, ALL, 45.0),
    (512, "float64", 1, ALL, 40.0),
    (299, "float64", 1, ALL, 40.0),
)
"""Points a side, dtype, ranks, kernels, seconds after which it is ended; what matters most first.

Those on 2 ranks share one GPU."""

BESIDE_CPU = (8192, "cupy-raw,numba-vector", 60.0)
"""Where the GPU is compared with all cores of the CPU: so large that no cache holds it."""

NO_NUMBA = "numba, which computes on the CPU, is not installed here"
UNBOUND = {"PRTE_MCA_hwloc_default_binding_policy": "none"}
"""Without it Open MPI leaves a rank one core, and its threads with it."""


def list_ladders(
    results: Path, launch: dict[int, list[str]], without: str | None
) -> Iterator[Step]:
    """Yield a step for each. Local.

    Parameters
    ----------
    results
        Where each writes ``ladder-POINTS-DTYPE-RANKS.json``.
    launch
        For each number of ranks, what runs a module on them.
    without
        Why there is no GPU to measure; None if there is one.
    """
    for points, dtype, ranks, kernels, seconds in LADDERS:
        # One rank sends nothing, and needs no proof of what this MPI takes.
        way = ["--transport", "staged"] if ranks == 1 else []
        name = f"ladder-{points}-{dtype}-{ranks}"
        yield Step(
            name=name,
            command=[*launch[ranks], *ladder(points, dtype, kernels, results / name), *way],
            seconds=seconds,
            lacks=without,
        )
    points, kernels, seconds = BESIDE_CPU
    name = f"ladder-{points}-float64-1"
    yield Step(
        name=name,
        command=[
            *(*launch[1], *ladder(points, "float64", kernels, results / name)),
            *("--transport", "staged"),
        ],
        seconds=seconds,
        lacks=without or (None if find_spec("numba") else NO_NUMBA),
        environ=UNBOUND,
    )


def ladder(points: int, dtype: str, kernels: str, result: Path) -> list[str]:
    """Return the words of a command."""
    problem = ["--set", f"dx={WIDTH / points!r}", "--set", f"dtype={dtype}"]
    how = ["--kernels", kernels, "--seconds", "0.1", "--json", f"{result}.json"]
    return ["hpcpy_diffusion", "ladder", "--device", "gpu", *problem, *how]
