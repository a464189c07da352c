"""Mode ``futures``: the workers of an mpi4py.futures.MPIPoolExecutor take part after part.

More parts than workers, so that a slow worker takes fewer. MPIPoolExecutor starts its
workers with MPI_Comm_spawn, too, so they get the same shields and deadline.
"""

from time import perf_counter

import numpy as np
from mpi4py import MPI
from mpi4py.futures import MPIPoolExecutor, get_comm_workers

from hpcpy_core.agreement import on_root
from hpcpy_core.decomposition import split_evenly
from hpcpy_spawn_pi.guard import Guard
from hpcpy_spawn_pi.manager import ADVICE
from hpcpy_spawn_pi.outcome import Outcome, Phases
from hpcpy_spawn_pi.parameters import Parameters
from hpcpy_spawn_pi.prepare_worker import prepare_worker
from hpcpy_spawn_pi.quadrature import count_blocks
from hpcpy_spawn_pi.share import sum_part

__all__ = ["compute_by_futures"]

PARTS_PER_WORKER = 8


def compute_by_futures(comm: MPI.Intracomm, parameters: Parameters, kernel: str) -> Outcome:
    """Let the workers of a pool compute. Collective over comm.

    Parameters
    ----------
    comm
        Rank 0 has the pool; the others wait, asleep.
    parameters
        Workers, intervals, timeout.
    kernel
        What the workers compute with.

    Returns
    -------
    Outcome
        On rank 0; elsewhere its total is 0.

    Raises
    ------
    HpcpyError
        On every rank, if MPI itself reports that it cannot start workers. A worker
        that is lost or late ends the job: see `hpcpy_spawn_pi.guard`.
    """
    total = 0
    clock = [perf_counter()] * 4
    with on_root(comm) as is_root:
        if is_root:
            total, clock = _compute(parameters, kernel)
    start, compute, end = np.diff(clock).tolist()
    return Outcome(total=total, phases=Phases(start=start, compute=compute, end=end))


def _compute(parameters: Parameters, kernel: str) -> tuple[int, list[float]]:
    """Return the sum, and the moments between the phases. Local."""
    workers, intervals = parameters.workers, parameters.intervals
    parts = PARTS_PER_WORKER * workers
    count = f"{workers} worker{'s' if workers > 1 else ''} of a pool"
    bounds = [split_evenly(count_blocks(intervals), parts, part) for part in range(parts)]
    clock = [perf_counter()]
    with Guard(parameters.timeout, advice=ADVICE) as guard:
        guard.waiting(f"starting {count}")
        pool = MPIPoolExecutor(
            workers,
            python_args=["-P", *guard.shield()],
            initializer=_prepare,
            initargs=(kernel,),
        )
        total, failure = 0, None
        try:
            pool.bootup(wait=True)
            clock.append(perf_counter())
            guard.computing(f"{count} computed")
            sums = [pool.submit(sum_part, kernel, intervals, *bound) for bound in bounds]
            total = sum(future.result() for future in sums)
            clock.append(perf_counter())
        except Exception as error:  # of a part: the pool itself is well
            failure = guard.explain(error)
        guard.waiting(f"{count} left", may_leave=True)
        pool.shutdown(cancel_futures=True)
        clock.append(perf_counter())
    if failure is not None:
        raise failure
    return total, clock


def _prepare(kernel: str) -> None:
    """Make a worker of the pool ready. Collective over the workers."""
    prepare_worker(get_comm_workers(), kernel)
