"""The Python side of the yardstick, on two ranks: the benchmark's own loops.

``mpiexec -n 2 python -m hpcpy_collectives.yardstick_ranks single|multiple BLOCKS ITERATIONS``

Prints a line "case seconds" for every block as the C program does, and the
harness's own share as "overhead-...".
"""

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import mpi4py

from hpcpy_core.launch import import_mpi

if TYPE_CHECKING:
    from mpi4py import MPI

__all__ = ["main", "time_cases"]


def time_cases(comm: "MPI.Intracomm", blocks: int, iterations: int) -> list[tuple[str, float]]:
    """Time the cases in turn, block by block. Collective over comm.

    Returns
    -------
    list of tuple
        Name and seconds, for every block, as rank 0 saw them.
    """
    from hpcpy_collectives.measure import time_block
    from hpcpy_collectives.operations import OPERATIONS, Api
    from hpcpy_core.device import CPU

    wanted: list[tuple[str, str, int, Api]] = [
        ("latency-8", "latency", 8, "buffer"),
        ("latency-1024", "latency", 1024, "buffer"),
        ("allreduce-8", "allreduce", 8, "buffer"),
        ("latency-8-pickle", "latency", 8, "pickle"),
        ("latency-1024-pickle", "latency", 1024, "pickle"),
        ("latency-8-pickle5", "latency", 8, "pickle5"),
        ("latency-1024-pickle5", "latency", 1024, "pickle5"),
    ]
    calls: dict[str, tuple[Callable[[], object] | None, int]] = {
        name: (OPERATIONS[op].prepare(comm, size, api, CPU).call, 2 if op == "latency" else 1)
        for name, op, size, api in wanted
    }
    times = []
    for block in range(blocks + 1):  # the first warms up
        for name, (call, ways) in calls.items():
            comm.Barrier()
            if call is not None:
                seconds = time_block(call, iterations) / iterations / ways
                if block:
                    times.append((name, seconds))
    return times


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; return the exit code."""
    level, *counts = sys.argv[1:] if argv is None else argv
    blocks, iterations = map(int, counts)
    mpi4py.rc.initialize = False  # with the thread level that was asked for
    mpi4py.rc.finalize = True
    from mpi4py import MPI

    MPI.Init_thread(MPI.THREAD_MULTIPLE if level == "multiple" else MPI.THREAD_SINGLE)
    world = import_mpi().COMM_WORLD
    from hpcpy_collectives.overhead import measure_overhead
    from hpcpy_core.selection import library_name

    lines = [f"library {library_name()}"]
    lines += [f"{name} {seconds:.9g}" for name, seconds in time_cases(world, blocks, iterations)]
    alone = world.Split(world.rank)
    try:
        overheads = measure_overhead(alone)
    finally:
        alone.Free()
    if world.rank == 0:
        lines += [f"overhead-{name} {seconds:.9g}" for name, seconds in overheads.items()]
        sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
