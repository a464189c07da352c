"""Launching any program, as the fault tests of other packages do."""

import sys

import pytest

from hpcpy_testing.mpiexec import Mpiexec

HELLO = "from mpi4py import MPI; print(f'size {MPI.COMM_WORLD.size}', flush=True)"

WAITS = """
import os, sys, time
from pathlib import Path
from mpi4py import MPI
start = Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19]
Path(os.environ["FAULT_PIDS"], f"{os.getpid()}-{start}").touch()
time.sleep(60)
"""


@pytest.mark.parametrize("ranks", [1, 4])
def test_all_ranks_are_one_world(ranks):
    done = Mpiexec.find().launch(ranks, [sys.executable, "-c", HELLO])
    assert done.returncode == 0, done.stderr
    # Without the line ends, which Hydra may put between the lines of two ranks.
    assert done.stdout.count(f"size {ranks}") == ranks
    assert done.leftovers == ()


def test_nothing_is_left_after_a_time_out(pids):
    done = Mpiexec.find().launch(
        2, [sys.executable, "-c", WAITS], timeout=4, env={"FAULT_PIDS": str(pids)}
    )
    assert done.timed_out
    assert done.returncode != 0
    assert len(list(pids.iterdir())) == 2
    assert done.seconds < 45
