"""Timing of collective work: warm-up, barrier, slowest rank, median and quartiles."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median, quantiles
from time import perf_counter

from mpi4py import MPI

from hpcpy_core.numbers import as_integer, as_real

__all__ = ["Timing", "max_over_ranks", "time_interleaved"]


@dataclass(frozen=True, kw_only=True)
class Timing:
    """Repeated measurements of one thing, in seconds; each is the slowest rank's."""

    seconds: tuple[float, ...]

    def __post_init__(self) -> None:
        """Take lists, arrays and NumPy's numbers."""
        seconds = tuple(as_real(value, "seconds") for value in self.seconds)
        object.__setattr__(self, "seconds", seconds)

    @property
    def median(self) -> float:
        """The figure to quote."""
        return median(self.seconds)

    @property
    def minimum(self) -> float:
        """The least disturbed repeat."""
        return min(self.seconds)

    @property
    def quartiles(self) -> tuple[float, float]:
        """Lower and upper quartile."""
        if len(self.seconds) == 1:
            return self.seconds[0], self.seconds[0]
        lower, _, upper = quantiles(self.seconds, n=4, method="inclusive")
        return lower, upper

    def as_dict(self) -> dict[str, float | int]:
        """Return the figures for a report."""
        lower, upper = self.quartiles
        return {
            "median": self.median,
            "lower_quartile": lower,
            "upper_quartile": upper,
            "minimum": self.minimum,
            "repeats": len(self.seconds),
        }


def max_over_ranks(comm: MPI.Intracomm, seconds: float) -> float:
    """Return the slowest rank's time. Collective over comm."""
    slowest: float = comm.allreduce(seconds, op=MPI.MAX)
    return slowest


def time_interleaved(
    cases: Mapping[str, Callable[[], object]],
    comm: MPI.Intracomm,
    *,
    repeats: int = 7,
    warmup: int = 1,
) -> dict[str, Timing]:
    """Time several cases in turn, A B C A B C, so that drift hits all alike. Collective over comm.

    Parameters
    ----------
    cases
        What to time, by name; every rank calls each, in the same order.
    comm
        Its ranks start each call together, after a barrier.
    repeats, warmup
        Rounds that count, and rounds before them that do not.
    """
    repeats, warmup = as_integer(repeats, "repeats"), as_integer(warmup, "warmup")
    seconds: dict[str, list[float]] = {name: [] for name in cases}
    for turn in range(warmup + repeats):
        for name, call in cases.items():
            comm.Barrier()
            start = perf_counter()
            call()
            elapsed = max_over_ranks(comm, perf_counter() - start)
            if turn >= warmup:
                seconds[name].append(elapsed)
    return {name: Timing(seconds=tuple(measured)) for name, measured in seconds.items()}
