"""What cannot work is refused: one message, said once, exit code 2, on 1 and 2 parents."""

import os
import subprocess
import sys

import pytest

from hpcpy_testing.mpiexec import Mpiexec

COMMAND = [sys.executable, "-m", "hpcpy_spawn_pi", "run"]
SECONDS = 60

MPIEXEC = Mpiexec.find()
NO_MORE_THAN_SLOTS = {"PRTE_MCA_rmaps_default_mapping_policy": ":nooversubscribe"}

CASES = [
    (1, "--workers 0", "0 workers: choose 1 or more (--workers)"),
    (2, "--intervals 0", "0 intervals: choose 1 or more (--intervals)"),
    (1, "--intervals 1e17", "100000000000000000 intervals: choose from 1 to"),
    (2, "--timeout 0", "a timeout of 0 s: choose more than 0"),
    (2, "--worker no_such_module", "there is no module no_such_module"),
    (1, "--workers two", "'two' is not a whole number like 1000000"),
    (2, "--mode split --workers 3", "only 2 ranks are there: start it with `mpiexec -n 3`"),
    (
        1,
        "--mode split",
        "only 1 rank is there: start it with `mpiexec -n 2`, or choose --workers 1",
    ),
    (2, "--mode spawn --workers 1e9", "--mode spawn: 1000000000 workers, but at most 1000"),
]
if MPIEXEC.vendor == "openmpi":
    CASES += [
        (1, "--mode spawn --workers 999", "`--map-by :OVERSUBSCRIBE`"),
        (2, "--mode futures --workers 999", "--mode futures: 999 workers, but mpirun of Open MPI"),
    ]


def check(done, words):
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.count("error: ") == 1, done.stderr
    assert words in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(("parents", "argv", "words"), CASES)
def test_what_cannot_work(parents, argv, words):
    done = MPIEXEC.launch(
        parents, [*COMMAND, *argv.split()], timeout=SECONDS, env=NO_MORE_THAN_SLOTS
    )
    assert not done.timed_out
    assert not done.leftovers
    check(done, words)


@pytest.mark.parametrize("mode", ["spawn", "futures"])
def test_without_a_launcher_nothing_is_spawned(mode):
    done = subprocess.run(
        [*COMMAND, "--mode", mode],
        env={**os.environ, "PATH": ""},  # where MPICH finds no mpiexec to start by itself
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    check(done, f"--mode {mode}: this process was started without a launcher")
    assert "Start it with `mpiexec -n 1`; or choose --mode split" in done.stderr
