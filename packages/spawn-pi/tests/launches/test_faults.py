"""A worker that is lost or late ends the job with one message, and leaves no process behind."""

import re
import sys
from pathlib import Path

import pytest

from hpcpy_testing.mpiexec import Mpiexec

HERE = Path(__file__).parent
SECONDS = 60
"""Far above what is seen, on a busy machine too; far below a hang."""

ENOUGH = 30.0
"""Seconds for workers to start and to leave, where no deadline is tested."""


@pytest.fixture(scope="module")
def mpiexec():
    return Mpiexec.find()


def run(mpiexec, parents, *argv, timeout=ENOUGH, folder="workers", **variables):
    """Run the command with two workers; check how it ended and return what was said."""
    command = [sys.executable, "-m", "hpcpy_spawn_pi", "run", "--intervals", "1000"]
    done = mpiexec.launch(
        parents,
        [*command, "--timeout", str(timeout), *argv],
        timeout=SECONDS,
        env={"PYTHONPATH": str(HERE / folder), **variables},
    )
    assert not done.timed_out
    assert done.returncode != 0
    assert not done.leftovers
    assert "pi  " not in done.stdout
    return done


def find_message(done):
    """Return what was said about it, once; Open MPI ends its own texts with a blank or a zero."""
    (message,) = re.findall("^[ \0]?error: (while .*)$", done.stderr, re.MULTILINE)
    assert message.endswith("`--timeout` gives slow ones more time")
    return message


EARLY = [
    ("exits_with_3", 2, "exited with 3"),
    ("exits_with_0", 1, "exited with 0"),
    ("is_killed", 2, r"was killed by signal 9 \(SIGKILL\)"),
]


@pytest.mark.parametrize(("worker", "parents", "end"), EARLY)
def test_workers_that_end_before_they_start_mpi(mpiexec, worker, parents, end):
    said = find_message(run(mpiexec, parents, "--mode", "spawn", "--worker", worker))
    assert re.match(rf"while starting 2 workers: worker [01] \(process \d+\) {end}", said)


COMPUTING = [
    ("exits_computing", 1, "exited with 3", ""),
    ("is_killed_computing", 1, r"was killed by signal 9 \(SIGKILL\)", ""),
    ("is_killed_computing", 2, r"was killed by signal 9 \(SIGKILL\)", ""),
    ("leaves_computing", 2, "exited with 3", ""),
    ("ends_computing", 1, "exited with 1", "ends_computing ended without parting from its parent"),
    ("raises_computing", 2, "exited with 1", "ZeroDivisionError: division by zero"),
]


@pytest.mark.parametrize(("worker", "parents", "end", "reason"), COMPUTING)
def test_one_of_two_workers_ends_while_it_computes(mpiexec, worker, parents, end, reason):
    """An ordinary exit would wait in MPI_Finalize for ever: the shield sees to that, too."""
    done = run(mpiexec, parents, "--mode", "spawn", "--worker", worker)
    said = find_message(done)
    assert re.match(rf"while 2 workers computed: worker 0 \(process \d+\) {end}\. ", said)
    assert reason in done.stderr


def test_a_lost_shield_takes_its_worker_with_it(mpiexec):
    """MPICH's launcher ends the parents faster than they can speak, and says what it saw."""
    done = run(mpiexec, 2, "--mode", "spawn", "--worker", "loses_its_shield")
    if mpiexec.vendor == "mpich" and "error: while" not in done.stderr:
        assert "Killed (signal 9)" in done.stdout
    else:
        assert "worker 0 (process" in find_message(done)
        assert "was killed together with its shield" in find_message(done)


@pytest.mark.parametrize("parents", [1, 2])
def test_workers_that_never_start_mpi(mpiexec, parents):
    done = run(mpiexec, parents, "--mode", "spawn", "--worker", "never_starts_mpi", timeout=2)
    said = find_message(done)
    assert said.startswith("while starting 2 workers: not done within 2 s")


def test_a_worker_that_stays(mpiexec):
    done = run(mpiexec, 1, "--mode", "spawn", "--worker", "stays", timeout=8)
    assert find_message(done).startswith(
        "while 2 workers handed in their sums: not done within 8 s; "
        "2 worker processes were started, 2 live"
    )


def test_a_job_that_is_ended_from_outside_takes_its_workers_with_it(mpiexec):
    command = [sys.executable, "-m", "hpcpy_spawn_pi", "run", "--mode", "spawn"]
    done = mpiexec.launch(
        2,
        [*command, "--worker", "never_starts_mpi", "--timeout", "1000"],
        timeout=5,
        env={"PYTHONPATH": str(HERE / "workers")},
    )
    assert done.timed_out
    assert not done.leftovers


POOL = [
    ("early exits", 1, "starting 2 workers of a pool", r"worker [01] .* exited with 3"),
    ("late is killed", 2, "2 workers of a pool computed", r"worker [01] .* killed by signal 9"),
    ("late raises", 2, "2 workers of a pool computed", "ZeroDivisionError: division by zero"),
]


@pytest.mark.parametrize(("fault", "parents", "doing", "end"), POOL)
def test_workers_of_a_pool(mpiexec, fault, parents, doing, end):
    done = run(mpiexec, parents, "--mode", "futures", folder="spoilt", POOL=fault)
    assert re.match(f"while {doing}: {end}", find_message(done))


def test_a_pool_that_never_starts(mpiexec):
    done = run(mpiexec, 1, "--mode", "futures", folder="spoilt", POOL="early hangs", timeout=3)
    assert "not done within 3 s" in find_message(done)
