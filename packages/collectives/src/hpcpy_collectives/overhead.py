"""What the harness adds to the bare mpi4py call: it must be little, and it is measured.

No message is sent: to MPI.PROC_NULL, and over a communicator of one rank, a call
costs what Python and mpi4py do, so that nanoseconds can be told apart.
"""

from collections.abc import Callable
from functools import partial
from itertools import repeat
from statistics import median
from time import perf_counter

import numpy as np
from mpi4py import MPI

from hpcpy_collectives.measure import time_block
from hpcpy_collectives.messages import message
from hpcpy_collectives.operations import OPERATIONS
from hpcpy_collectives.ping_pong import TAG, ping_pong
from hpcpy_core.device import CPU

__all__ = ["measure_overhead"]

BYTES = 8
ROUNDS = 31


def measure_overhead(comm: MPI.Intracomm, iterations: int = 2000) -> dict[str, float]:
    """Time the harness and the bare call in turn. Local.

    Parameters
    ----------
    comm
        Of one rank.
    iterations
        Calls in each of the blocks that are compared.

    Returns
    -------
    dict
        Seconds an iteration that the harness takes more, the median over pairs of
        blocks: of a ping-pong (a round trip, so that a latency has half of it) and
        of an Allreduce.
    """
    out, into = (message(np.zeros(BYTES, dtype=np.uint8)) for _ in range(2))
    reduction = OPERATIONS["allreduce"].prepare(comm, BYTES, "buffer", CPU).call
    added, total = (message(np.zeros(BYTES // 4, dtype=np.float32)) for _ in range(2))
    send, recv, allreduce = comm.Send, comm.Recv, comm.Allreduce
    peer, op = MPI.PROC_NULL, MPI.SUM
    ping = ping_pong(partial(send, out, peer, TAG), partial(recv, into, peer, TAG), leads=True)

    def bare_ping_pong() -> float:
        turns = repeat(None, iterations)
        start = perf_counter()
        for _ in turns:
            send(out, peer, TAG)
            recv(into, peer, TAG)
        return perf_counter() - start

    def bare_allreduce() -> float:
        turns = repeat(None, iterations)
        start = perf_counter()
        for _ in turns:
            allreduce(added, total, op)
        return perf_counter() - start

    return {
        "ping-pong": _difference(ping, bare_ping_pong, iterations),
        "allreduce": _difference(reduction, bare_allreduce, iterations),
    }


def _difference(
    call: Callable[[], object] | None, bare: Callable[[], float], iterations: int
) -> float:
    """Return the median of harness less bare over pairs of blocks, in s an iteration."""
    assert call is not None, "every rank takes part in an allreduce and leads this ping-pong"
    pairs = [(time_block(call, iterations), bare()) for _ in range(ROUNDS)]
    return median(harness - plain for harness, plain in pairs) / iterations
