"""Linear regression by gradient descent, on data that is the same for any number of ranks.

The loss is the mean of (x.w - y)^2 over all rows. Each rank has a part of them, and adds up their
gradient and loss; one allreduce a step gives the sums over all rows to everybody.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from mpi4py import MPI

from hpcpy_core.decomposition import split_evenly
from hpcpy_core.device import Array, Device
from hpcpy_gpu_allreduce.allreducer import Allreducer

__all__ = ["Problem", "descend", "make_rows"]

BLOCK = 256
"""Rows that one random generator makes, so that a rank makes its own only."""

NOISE = 0.1
"""Standard deviation of y about x.w."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What is learned, how.

    Attributes
    ----------
    rows, features
        Of the data.
    steps, rate
        Of the descent.
    seed
        Of data and weights.
    """

    rows: int
    features: int
    steps: int
    rate: float
    seed: int

    def weights(self) -> Array:
        """Return the weights that the data was made with, float64 of shape (features,). Local."""
        return np.random.default_rng(self.seed).standard_normal(self.features)


def make_rows(problem: Problem, start: int, stop: int) -> tuple[Array, Array]:
    """Return rows of x, of shape (stop - start, features), and of y; both float64. Local."""
    first = start // BLOCK
    blocks = [
        np.random.default_rng([problem.seed, block]).standard_normal((BLOCK, problem.features + 1))
        for block in range(first, max(first + 1, -(-stop // BLOCK)))
    ]
    random = np.concatenate(blocks)[start - first * BLOCK : stop - first * BLOCK]
    x, noise = random[:, :-1], random[:, -1]
    return np.ascontiguousarray(x), x @ problem.weights() + NOISE * noise


def descend(
    problem: Problem, comm: MPI.Intracomm, device: Device, algorithm: str
) -> Iterator[tuple[float, Array]]:
    """Yield the loss before each step, and after the last, with the weights. Collective over comm.

    Parameters
    ----------
    problem
        The same on all ranks.
    comm
        The ranks, between which the rows are divided.
    device
        Where the arrays are.
    algorithm
        Of the allreduce.
    """
    xp = device.xp
    x, y = map(xp.asarray, make_rows(problem, *split_evenly(problem.rows, comm.size, comm.rank)))
    weights = xp.zeros(problem.features)
    with Allreducer(
        *(problem.features + 1, np.float64, comm), algorithm=algorithm, device=device
    ) as reducer:
        for _ in range(problem.steps + 1):
            error = x @ weights - y
            reducer.sendbuf[:-1] = x.T @ error
            reducer.sendbuf[-1] = error @ error
            total = reducer.reduce() / problem.rows
            yield float(total[-1]), device.to_host(weights)
            weights = weights - problem.rate * 2 * total[:-1]
