"""Kernel ``numba-parallel``: the loops of ``numba``, its rows shared out among threads.

Numba's threads start at the first step. With the threading layer ``workqueue``, the last
that it falls back to, a process may run one step at a time; with ``omp``, it must not
fork afterwards. Their number is one for the calling thread, and is set at every step.
"""

from functools import partial

import numba
import numpy as np
from numba import prange

from hpcpy_core.errors import InputError
from hpcpy_core.files.numba_cache import cached_njit
from hpcpy_diffusion.kernels import Field, Step

__all__ = ["step", "with_threads"]


def with_threads(threads: int) -> Step:
    """Return a step that uses so many threads. Local.

    Raises
    ------
    InputError
        If Numba may not start so many here.
    """
    try:
        numba.set_num_threads(threads)
    except ValueError as error:  # at most one for each core that this process may run on
        raise InputError(
            f"kernel numba-parallel cannot use {threads} threads here: {error}; "
            f"set NUMBA_NUM_THREADS={threads} to have more"
        ) from error
    return partial(step, threads=threads)


def step(u: Field, out: Field, r: float, *, threads: int = 1) -> None:
    """Advance one step; see `hpcpy_diffusion.kernels`. Compiles at the first call, then caches."""
    numba.set_num_threads(threads)
    _sweep(u, out, u.dtype.type(1 - 4 * r), u.dtype.type(r))


def _sweep_rows(u: Field, out: Field, centre: np.floating, r: np.floating) -> None:
    for i in prange(1, u.shape[0] - 1):
        north, here, south, new = u[i - 1], u[i], u[i + 1], out[i]
        for j in range(1, here.size - 1):
            around = (north[j] + south[j]) + (here[j - 1] + here[j + 1])
            new[j] = centre * here[j] + r * around


_sweep = cached_njit(nogil=True, parallel=True)(_sweep_rows)
