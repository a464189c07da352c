"""Estimate pi from random points with independent streams: SeedSequence.spawn.

The part of random points in the unit square that lie in the quarter circle is
pi / 4. One seed spawns a fixed number of independent streams, which are dealt
out to the ranks: the estimate is the same to the last digit for any number of
ranks. Seeds like `seed + rank` give no such promise of independence.
"""

import math

import numpy as np
from mpi4py import MPI

from hpcpy_core.device import Device
from hpcpy_core.examples import Result

__all__ = ["monte_carlo_pi"]

STREAMS, POINTS = 16, 10_000


def monte_carlo_pi(comm: MPI.Intracomm, device: Device, seed: int = 1) -> Result:
    """Count the points in the quarter circle on all ranks. Collective over comm.

    Parameters
    ----------
    comm
        Its ranks share the 16 streams; ranks beyond have none.
    device
        Where the points are drawn.
    seed
        Of all streams together.

    Returns
    -------
    Result
        Correct where the count is that of all streams one after another, and
        the estimate lies within five standard errors of pi.
    """
    xp = device.xp

    def count_hits(stream: np.random.SeedSequence) -> int:
        x, y = xp.random.default_rng(stream).random((2, POINTS))
        return int(xp.count_nonzero(x * x + y * y < 1))

    streams = np.random.SeedSequence(seed).spawn(STREAMS)
    mine = streams[comm.rank :: comm.size]
    hits = comm.allreduce(sum(count_hits(stream) for stream in mine), op=MPI.SUM)

    estimate = 4 * hits / (STREAMS * POINTS)
    chance = math.pi / 4
    standard_error = 4 * math.sqrt(chance * (1 - chance) / (STREAMS * POINTS))
    expected = sum(count_hits(stream) for stream in streams)
    return Result(
        lines=(f"drew {len(mine)} of {STREAMS} streams, pi is about {estimate}",),
        correct=hits == expected and abs(estimate - math.pi) < 5 * standard_error,
        expected=f"expected {expected} points in the circle, got {hits}, and pi from {estimate}",
    )
