"""What to compute, by how many workers, in which way. Importing it does not start MPI."""

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Literal

from hpcpy_core.errors import InputError
from hpcpy_core.numbers import as_integer, as_real
from hpcpy_spawn_pi.quadrature import MOST_INTERVALS

__all__ = ["MODES", "MOST_PER_CORE", "MOST_WORKERS", "Mode", "Parameters"]

Mode = Literal["auto", "spawn", "split", "futures"]

MODES: tuple[Mode, ...] = ("auto", "spawn", "split", "futures")

WORKER = "hpcpy_spawn_pi.worker"

MOST_RANKS = 2**31 - 1
"""That MPI can count."""

MOST_WORKERS = 1000
"""That a guard can watch: each takes one of the files that a process may have open."""

MOST_PER_CORE = 32
"""Workers that are started on one machine, unless its launcher counts its slots."""

LONG = 10**40

LONGEST_TIMEOUT = 86400
"""Seconds: a day. The system's own clocks end at 2^63 ns."""


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
        """Refuse what cannot work, and take NumPy's scalars for Python's."""
        object.__setattr__(self, "workers", as_integer(self.workers, "workers"))
        object.__setattr__(self, "intervals", as_integer(self.intervals, "intervals"))
        object.__setattr__(self, "timeout", as_real(self.timeout, "timeout"))
        for name, value, most in (
            ("workers", self.workers, MOST_RANKS),
            ("intervals", self.intervals, MOST_INTERVALS),
        ):
            if value < 1:
                raise InputError(f"{_show(value)} {name}: choose 1 or more (--{name})")
            if value > most:
                raise InputError(f"{_show(value)} {name}: choose from 1 to {most} (--{name})")
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
    """Return a number for a message; Python itself refuses to write very long ones."""
    return str(number) if abs(number) < LONG else "far too many"


def _can_be_found(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):  # of a package on the way to it
        return False
