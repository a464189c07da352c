"""SIGKILL to one rank in the middle of a loop of reductions: the job ends, and leaves nothing."""

import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hpcpy_testing.mpiexec import Mpiexec

PROGRAM = Path(__file__).with_name("programs") / "reduce_for_ever.py"
RANKS = 3
SECONDS = 60
"""Far above what is seen, on a busy machine too; far below a hang."""

LONGEST_END = 30
"""Seconds from the fault to the end of the job, with room for a busy machine."""


def wait_for_pid(folder, rank):
    """Return the process of a rank once it is at work."""
    path, end = folder / f"{rank}.pid", time.monotonic() + SECONDS / 2
    while not path.exists():
        assert time.monotonic() < end, f"rank {rank} has not begun to work"
        time.sleep(0.01)
    return int(path.read_text())


@pytest.mark.parametrize("algorithm", ["host", "ring", "rabenseifner", "hierarchical"])
def test_a_killed_peer_ends_the_job(tmp_path, algorithm):
    shared = set(Path("/dev/shm").glob("hpcpy-*"))
    command = [sys.executable, "-m", "mpi4py", str(PROGRAM), str(tmp_path), algorithm]
    with ThreadPoolExecutor() as pool:
        running = pool.submit(Mpiexec.find().launch, RANKS, command, timeout=SECONDS)
        pids = [wait_for_pid(tmp_path, rank) for rank in range(RANKS)]
        os.kill(pids[1], signal.SIGKILL)
        killed = time.monotonic()
        done = running.result()
    assert not done.timed_out
    assert done.returncode != 0
    assert time.monotonic() - killed < LONGEST_END
    assert not done.leftovers
    assert set(Path("/dev/shm").glob("hpcpy-*")) <= shared
