"""Python runs this first where PYTHONPATH names this folder: to spoil what is not ours.

POOL names what the workers of a pool do instead of computing, or already in their
initializer if it begins with "early". TRIAL names what the job that tries to spawn does.
"""

import os
import signal
import sys
from time import sleep

FAULTS = {
    "exits": lambda: os._exit(3),
    "is killed": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "raises": lambda: 1 / 0,
    "hangs": lambda: sleep(1000),
}


def spoil_pool(when, fault):
    """Replace what a pool's worker is asked to do; of one interval it is the warm-up."""
    from hpcpy_spawn_pi import share

    def sum_part(kernel, intervals, first, last):
        if (intervals == 1) == (when == "early"):
            FAULTS[fault]()
        return 0

    share.sum_part = sum_part


if "POOL" in os.environ and "mpi4py.futures.server" in sys.orig_argv:
    spoil_pool(*os.environ["POOL"].split(" ", 1))
if "TRIAL" in os.environ and "hpcpy_spawn_pi.trial" in sys.orig_argv:
    FAULTS[os.environ["TRIAL"]]()
