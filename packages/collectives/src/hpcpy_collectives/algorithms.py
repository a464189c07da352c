"""What the algorithms of the MPI libraries cost, in Hockney's model.

A message of n bytes takes alpha + n beta seconds; adding a byte takes gamma. The
formulas are those of R. Thakur, R. Rabenseifner and W. Gropp, "Optimization of
Collective Communication Operations in MPICH", Int. J. High Performance Computing
Applications 19 (2005) 49-66. They are stated there for P a power of two; another
P folds its excess ranks onto others first, and sends them the result at the end,
as MPICH does: two more messages and one more addition of the whole vector.

The size n is that of the benchmark: the whole vector in bcast and allreduce, what
one rank sends to one other in alltoall. P is 2 or more throughout.
"""

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["ALGORITHMS", "Machine"]


@dataclass(frozen=True, kw_only=True)
class Machine:
    """The constants of the model.

    Attributes
    ----------
    alpha
        Seconds that a message of no length takes.
    beta
        Seconds for each byte more.
    gamma
        Seconds to add one byte to another.
    """

    alpha: float
    beta: float
    gamma: float


Cost = Callable[[Machine, int, int], float]
"""Machine, P, n -> seconds."""


def binomial_bcast(m: Machine, P: int, n: int) -> float:
    """Return ceil(lg P) (alpha + n beta): every step doubles the ranks that have it all."""
    return _steps(P) * (m.alpha + n * m.beta)


def scatter_allgather_bcast(m: Machine, P: int, n: int) -> float:
    """Return (lg P + P - 1) alpha + 2 (P-1)/P n beta: van de Geijn's.

    A binomial scatter, then a ring allgather.
    """
    return (_steps(P) + P - 1) * m.alpha + 2 * _share(P) * n * m.beta


def scatter_doubling_bcast(m: Machine, P: int, n: int) -> float:
    """Return 2 lg P alpha + 2 (P-1)/P n beta: a binomial scatter, then recursive doubling.

    MPICH takes it for vectors of middle length on a power of two, else the ring.
    """
    if P & (P - 1):
        return scatter_allgather_bcast(m, P, n)
    return 2 * _doublings(P) * m.alpha + 2 * _share(P) * n * m.beta


def recursive_doubling_allreduce(m: Machine, P: int, n: int) -> float:
    """Return lg P (alpha + n beta + n gamma): whole vectors, exchanged at growing distance."""
    return _doublings(P) * (m.alpha + n * (m.beta + m.gamma)) + _fold(m, P, n)


def ring_allreduce(m: Machine, P: int, n: int) -> float:
    """Return 2 (P-1) alpha + 2 (P-1)/P n beta + (P-1)/P n gamma: any P, no folding."""
    return 2 * (P - 1) * m.alpha + _share(P) * n * (2 * m.beta + m.gamma)


def rabenseifner_allreduce(m: Machine, P: int, n: int) -> float:
    """Return 2 lg P alpha + 2 (P-1)/P n beta + (P-1)/P n gamma: halves, quarters and back.

    A reduce-scatter by recursive halving, then an allgather by recursive doubling.
    """
    whole = 1 << _doublings(P)
    inner = 2 * _doublings(P) * m.alpha + _share(whole) * n * (2 * m.beta + m.gamma)
    return inner + _fold(m, P, n)


def bruck_alltoall(m: Machine, P: int, n: int) -> float:
    """Return ceil(lg P) alpha + B n beta: few messages, each of about half of all data.

    Step k sends the blocks whose distance has bit k, so that B is the number of ones
    in 0 to P-1 in binary: P/2 lg P for a power of two.
    """
    steps = [1 << k for k in range(_steps(P))]
    blocks = sum(P // (2 * k) * k + max(0, P % (2 * k) - k) for k in steps)
    return len(steps) * m.alpha + blocks * n * m.beta


def pairwise_alltoall(m: Machine, P: int, n: int) -> float:
    """Return (P-1) (alpha + n beta): every block goes its way alone."""
    return (P - 1) * (m.alpha + n * m.beta)


ALGORITHMS: dict[str, dict[str, Cost]] = {
    "allreduce": {
        "recursive doubling": recursive_doubling_allreduce,
        "ring": ring_allreduce,
        "Rabenseifner": rabenseifner_allreduce,
    },
    "bcast": {
        "binomial": binomial_bcast,
        "scatter, ring allgather": scatter_allgather_bcast,
        "scatter, recursive doubling": scatter_doubling_bcast,
    },
    "alltoall": {"Bruck": bruck_alltoall, "pairwise": pairwise_alltoall},
}


def _steps(P: int) -> int:
    """Return ceil(lg P), exact for every P."""
    return (P - 1).bit_length()


def _doublings(P: int) -> int:
    """Return floor(lg P), exact for every P."""
    return P.bit_length() - 1


def _share(P: int) -> float:
    return (P - 1) / P


def _fold(m: Machine, P: int, n: int) -> float:
    """Return what the ranks beyond a power of two cost: one hand-over there, one back."""
    if P & (P - 1) == 0:
        return 0.0
    return 2 * (m.alpha + n * m.beta) + n * m.gamma
