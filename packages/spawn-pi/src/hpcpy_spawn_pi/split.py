"""Mode ``split``: ranks that are already there compute, in a communicator of their own."""

from time import perf_counter

import numpy as np
from mpi4py import MPI

from hpcpy_core.agreement import agreed
from hpcpy_core.errors import InputError
from hpcpy_spawn_pi.exact_sum import LIMBS, from_limbs, to_limbs
from hpcpy_spawn_pi.outcome import Outcome, Phases
from hpcpy_spawn_pi.parameters import Parameters
from hpcpy_spawn_pi.prepare_worker import prepare_worker
from hpcpy_spawn_pi.share import sum_share

__all__ = ["compute_by_split"]


def compute_by_split(comm: MPI.Intracomm, parameters: Parameters, kernel: str) -> Outcome:
    """Let the first ranks of comm compute, without new processes. Collective over comm.

    Parameters
    ----------
    comm
        The first `workers` ranks compute; the others wait for them, asleep.
    parameters
        Workers and intervals.
    kernel
        What the workers compute with.

    Returns
    -------
    Outcome
        On rank 0; elsewhere its total is 0.

    Raises
    ------
    InputError
        On every rank, if comm has fewer ranks than workers are wanted.
    """
    with agreed(comm):
        if parameters.workers > comm.size:
            raise InputError(
                f"--mode split: {parameters.workers} workers, but only {comm.size} rank"
                f"{'s are' if comm.size > 1 else ' is'} there: start it with "
                f"`mpiexec -n {parameters.workers}`, or choose --workers {comm.size}"
            )
    limbs = np.zeros(LIMBS, dtype=np.int64)
    clock = [perf_counter()]
    color = 0 if comm.rank < parameters.workers else MPI.UNDEFINED
    workers = MPI.Intracomm(comm.Split(color, comm.rank))
    try:
        with agreed(comm, patient=True):
            if workers != MPI.COMM_NULL:
                prepare_worker(workers, kernel)
        clock.append(perf_counter())
        total = 0
        with agreed(comm, patient=True):
            if workers != MPI.COMM_NULL:
                total = sum_share(kernel, parameters.intervals, workers.rank, workers.size)
        clock.append(perf_counter())
        if workers != MPI.COMM_NULL:
            workers.Reduce(to_limbs(total), limbs, op=MPI.SUM, root=0)
    finally:
        if workers != MPI.COMM_NULL:
            workers.Free()
    clock.append(perf_counter())
    start, compute, end = np.diff(clock).tolist()
    return Outcome(total=from_limbs(limbs), phases=Phases(start=start, compute=compute, end=end))
