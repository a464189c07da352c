"""Two threads that follow each other."""

import threading

import numpy as np
from numba import njit

from hpcpy_diffusion.kernels.lanes.progress import COUNTERS_APART, tell, wait_for


@njit(nogil=True)
def hand_on(counters, values, me, rounds):
    """Write the next value after the other one has."""
    for turn in range(rounds):
        if me == 0:
            wait_for(counters, 1, turn)
            values[0] += 1
        else:
            wait_for(counters, 0, turn + 1)
            values[1] += values[0]
        tell(counters, me, turn + 1)


def test_what_one_has_written_the_other_reads():
    counters, values = np.zeros(2 * COUNTERS_APART, np.int64), np.zeros(2)
    hand_on(counters, values, 0, 0)  # compiles
    other = threading.Thread(target=hand_on, args=(counters, values, 1, 1000))
    other.start()
    hand_on(counters, values, 0, 1000)
    other.join(timeout=60)
    assert not other.is_alive()
    assert values.tolist() == [1000, 1000 * 1001 / 2]
