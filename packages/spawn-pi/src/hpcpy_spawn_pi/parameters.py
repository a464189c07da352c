"""What to compute, by how many workers, in which way. Importing it does not start MPI."""

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Literal

from hpcpy_core.errors import InputError
from hpcpy_core.numbers import as_integer, as_real

__all__ = ["MODES", "Mode", "Parameters"]

Mode = Literal["auto", "spawn", "split", "futures"]

MODES: tuple[Mode, ...] = ("auto", "spawn", "split", "futures")

WORKER = "hpcpy_spawn_pi.worker"

LONGEST_TIMEOUT = 86400
"""Seconds: a day. The system's own clocks end at 2^63 ns."""

MOST_WORKERS = 2**31 - 1
"""MPI counts processes in an int."""


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """One computation of pi.

    Parameters
    ----------
    workers
        Processes that compute.
    intervals
        Of the midpoint rule on [0, 1].
    mode
        ``spawn`` starts the workers with MPI_Comm_spawn, ``futures`` through
        mpi4py.futures.MPIPoolExecutor, ``split`` takes ranks that are already there,
        ``auto`` is spawn where that was proven and split elsewhere.
    timeout
        Seconds in which the workers must have started, and in which they must have
        left when their work is done. While they compute no clock runs: a worker that
        ends is noticed at once.
    worker
        The module that a spawned worker runs.

    Raises
    ------
    InputError
        If one of them cannot work.
    """

    workers: int = 2
    intervals: int = 100_000_000
    mode: Mode = "auto"
    timeout: float = 30.0
    worker: str = WORKER

    def __post_init__(self) -> None:
        """Take NumPy's numbers as Python's, and refuse what cannot work."""
        object.__setattr__(self, "workers", as_integer(self.workers, "workers"))
        object.__setattr__(self, "intervals", as_integer(self.intervals, "intervals"))
        object.__setattr__(self, "timeout", as_real(self.timeout, "timeout"))
        if self.workers < 1:
            raise InputError(f"{_show(self.workers)} workers: choose 1 or more (--workers)")
        if self.workers > MOST_WORKERS:
            raise InputError(
                f"{_show(self.workers)} workers: choose at most {MOST_WORKERS} (--workers)"
            )
        if self.intervals < 1:
            raise InputError(f"{_show(self.intervals)} intervals: choose 1 or more (--intervals)")
        if not 0 < self.timeout <= LONGEST_TIMEOUT:
            raise InputError(
                f"a timeout of {self.timeout:g} s: choose more than 0, and at most "
                f"{LONGEST_TIMEOUT} (--timeout)"
            )
        if self.mode not in MODES:
            raise InputError(f"unknown mode {self.mode!r}: choose one of {', '.join(MODES)}")
        if not _can_be_found(self.worker):
            raise InputError(
                f"there is no module {self.worker}, which the workers would run: install it in "
                "the environment of this Python, or name another with --worker"
            )


def _show(number: int) -> str:
    """Return a number as text, also one of more digits than Python prints."""
    return str(number) if abs(number) < 10**30 else f"about 2^{number.bit_length()}"


def _can_be_found(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):  # of a package on the way to it
        return False
