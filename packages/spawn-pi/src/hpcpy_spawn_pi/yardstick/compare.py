"""Time the kernels and the same loops in C, in turn, on one core."""

from collections.abc import Mapping
from statistics import median
from typing import Any

from hpcpy_core.errors import HpcpyError
from hpcpy_core.find_compiler import require_compiler
from hpcpy_spawn_pi.kernels import BlockSums, find_kernel
from hpcpy_spawn_pi.quadrature import count_blocks, sum_blocks, to_pi
from hpcpy_spawn_pi.yardstick.compile_c import compile_c

__all__ = ["compare", "format_comparison", "load_cases"]

AT_LEAST = 0.9
"""The speed of numba that is wanted, relative to the same algorithm in C."""

SAME_BITS = ("numba", "numpy", "C, not fused")
"""Cases with one order of operations and no fused multiply-adds."""

TOLERANCE = 1e-12
"""In pi, for the others, which round differently: they are off by less than 10^-14."""

REORDER = ("-fassociative-math", "-fno-signed-zeros", "-fno-trapping-math", "-fno-math-errno")
"""What -ffast-math must allow to vectorise a sum; the rest of it would change this process."""


def load_cases() -> dict[str, BlockSums]:
    """Return the kernels of this processor and the functions in C, compiled now. Local.

    Raises
    ------
    InputError
        If there is no C compiler.
    """
    compiler = require_compiler("C", "the yardstick")
    return {
        "numba": find_kernel("numba").load(),
        "C": compile_c(compiler, "block_sums"),
        "C, not fused": compile_c(compiler, "block_sums", ["-ffp-contract=off"]),
        "C, one plain sum": compile_c(compiler, "simple_sums"),
        "C, one sum, -ffast-math": compile_c(compiler, "simple_sums", REORDER),
        "numpy": find_kernel("numpy").load(),
    }


def compare(cases: Mapping[str, BlockSums], intervals: int, repeats: int) -> dict[str, Any]:
    """Compute pi with every case in turn, and time it. Local; it starts MPI for its timer.

    Parameters
    ----------
    cases
        As `load_cases` returns them.
    intervals, repeats
        Of one computation, and computations that count; one more warms up.

    Returns
    -------
    dict
        Plain JSON values: of each case its pi, its seconds, its speed in intervals a
        second, and the speed of numba relative to it, as the median over the repeats.

    Raises
    ------
    HpcpyError
        If the results of two cases differ that must not.
    """
    from mpi4py import MPI  # here, because importing it starts MPI

    from hpcpy_core.timing import time_interleaved

    blocks = count_blocks(intervals)
    totals: dict[str, int] = {}

    def compute(name: str) -> None:
        totals[name] = sum_blocks(cases[name], intervals, 0, blocks)

    calls = {name: lambda name=name: compute(name) for name in cases}
    timings = time_interleaved(calls, MPI.COMM_SELF, repeats=repeats)
    check_totals(totals, intervals)
    numba = timings["numba"].seconds
    return {
        name: {
            "pi": to_pi(totals[name], intervals),
            "seconds": timing.as_dict(),
            "intervals_per_second": intervals / timing.median,
            "numba_relative_speed": median(
                theirs / ours for theirs, ours in zip(timing.seconds, numba, strict=True)
            ),
        }
        for name, timing in timings.items()
    }


def check_totals(totals: Mapping[str, int], intervals: int) -> None:
    """Refuse to compare the speed of different results. Local."""
    right = totals["numba"]
    for name, total in totals.items():
        tolerance = 0 if name in SAME_BITS else TOLERANCE
        found, expected = to_pi(total, intervals), to_pi(right, intervals)
        if (tolerance == 0 and total != right) or abs(found - expected) > tolerance:
            raise HpcpyError(
                f"{name} computes {found!r} with {intervals} intervals, numba {expected!r}: "
                "they must agree before their speeds can be compared"
            )


def format_comparison(found: Mapping[str, Any]) -> str:
    """Return the figures as a table of at most 80 columns. Local."""
    lines = [f"{'':25s}{'Ginterval/s':>12s}{'numba is':>12s}  pi"]
    for name, figure in found.items():
        speed, ratio = figure["intervals_per_second"] / 1e9, figure["numba_relative_speed"]
        lines.append(f"{name:25s}{speed:12.3f}{ratio:9.2f} x  {figure['pi']!r}")
    lines.append(f"wanted of numba beside C: at least {AT_LEAST}")
    return "\n".join(lines)
