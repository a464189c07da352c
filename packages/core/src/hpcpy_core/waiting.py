"""Waiting for other processes without taking a core from them."""

from time import perf_counter, sleep

from mpi4py import MPI

__all__ = ["wait_asleep"]

SPIN_SECONDS = 1e-3
PAUSE_SECONDS = 1e-3


def wait_asleep(request: MPI.Request) -> None:
    """Wait for a request: at first as MPI does, then asleep most of the time. Local.

    For waits that may be long while others compute: MPI itself waits by polling, on
    a whole core.
    """
    awake_until = perf_counter() + SPIN_SECONDS
    while not request.Test():
        if perf_counter() > awake_until:
            sleep(PAUSE_SECONDS)
