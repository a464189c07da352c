"""Mode ``spawn``: the manager starts workers, tells them N, and adds up their sums."""

import sys
from time import perf_counter

import numpy as np
from mpi4py import MPI

from hpcpy_core.agreement import agreed
from hpcpy_core.waiting import wait_asleep
from hpcpy_spawn_pi.exact_sum import LIMBS, from_limbs
from hpcpy_spawn_pi.guard_job import guard_job
from hpcpy_spawn_pi.outcome import Outcome, Phases
from hpcpy_spawn_pi.parameters import Parameters

__all__ = ["ADVICE", "compute_by_spawn"]

ADVICE = "`--mode split` needs no new processes; `--timeout` gives slow ones more time"


def compute_by_spawn(comm: MPI.Intracomm, parameters: Parameters, kernel: str) -> Outcome:
    """Let spawned workers compute. Collective over comm.

    Parameters
    ----------
    comm
        The parents; rank 0 manages, the others take part in what is collective.
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
        On every rank, if MPI itself reports that it cannot. A worker that is lost or
        late ends the job, with a message from rank 0: see `hpcpy_spawn_pi.guard`.
    """
    root = MPI.ROOT if comm.rank == 0 else MPI.PROC_NULL
    count = f"{parameters.workers} worker{'s' if parameters.workers > 1 else ''}"
    guard = guard_job(comm, parameters.timeout, ADVICE)
    limbs = np.zeros(LIMBS, dtype=np.int64)
    clock = [perf_counter()]
    with guard, agreed(comm):
        try:
            guard.waiting(f"starting {count}")
            command = guard.shielded(parameters.worker, kernel)
            workers = comm.Spawn(sys.executable, command, maxprocs=parameters.workers, root=0)
            wait_asleep(workers.Ibarrier())
            clock.append(perf_counter())

            guard.computing(f"{count} computed")
            workers.Bcast(np.array([parameters.intervals]), root=root)
            wait_asleep(workers.Ibarrier())  # Reduce would wait on a core that a worker needs
            clock.append(perf_counter())

            guard.waiting(f"{count} handed in their sums", may_leave=True)
            workers.Reduce(None, limbs, op=MPI.SUM, root=root)
            workers.Disconnect()
            clock.append(perf_counter())
        except MPI.Exception as error:
            raise guard.explain(error) from error
    start, compute, end = np.diff(clock).tolist()
    return Outcome(total=from_limbs(limbs), phases=Phases(start=start, compute=compute, end=end))
