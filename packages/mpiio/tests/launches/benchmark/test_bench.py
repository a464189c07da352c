"""The benchmark from the command line, as a user starts it."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from hpcpy_testing.mpiexec import Mpiexec
from hpcpy_testing.restoring_signals import restoring_signals

SECONDS = 90
"""Far above what is seen, on a busy machine too; far below a hang."""

BENCH = [sys.executable, "-m", "hpcpy_mpiio", "bench"]
SMALL = ["--size", "64K", "--repeats", "1"]

DAMAGED = """
import sys
from hpcpy_mpiio.benchmark import measure
from hpcpy_mpiio.__main__ import main

real = measure.fill
measure.fill = lambda buffer, rank: real(buffer, 7 if rank == 1 else rank)
sys.exit(main())
"""


@pytest.fixture(scope="module")
def mpiexec():
    return Mpiexec.find()


@pytest.fixture
def launch(mpiexec):
    def start(ranks, *argv, program=BENCH):
        done = mpiexec.launch(ranks, [*program, *map(str, argv)], timeout=SECONDS)
        assert not done.timed_out
        assert not done.leftovers
        return done

    return start


def test_table_record_and_picture(launch, tmp_path):
    record, picture = tmp_path / "a.json", tmp_path / "a.png"
    outputs = ["--json", record, "--plot", picture, "--folder", tmp_path]
    done = launch(2, *SMALL, "--api", "all", "--verify", *outputs)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    rows = [line.split() for line in lines if line.split()[2:3] in (["write"], ["read"])]
    assert len(rows) == 5 * 3 * 2
    assert all(len(line) <= 80 for line in lines[-35:])
    assert {row[-1] for row in rows if row[2] == "write"} == {"cache"}
    assert len(json.loads(record.read_text(encoding="utf-8"))["measurements"]) == 30
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "a.png"]


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--layout", "rows,diagonal"], "unknown layout 'diagonal'"),
        (["--hints", "cb_nodes"], "is not a hint"),
        (["--size", "3M", "--transfer", "2M"], "--transfer 2M does not cut"),
        (["--folder", "/nowhere"], "/nowhere is not a folder"),
        (["--layout", "rows", "--size", "1T"], "GiB free"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ",
)
def test_one_message_and_exit_code_2(launch, argv, message):
    done = launch(2, *argv)
    assert done.returncode == 2
    assert done.stderr.count("error: ") == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_wrong_items_are_exit_code_1_and_the_file_is_removed(launch, tmp_path):
    driver = tmp_path / "driver.py"
    driver.write_text(DAMAGED)
    argv = ["bench", *SMALL, "--layout", "blocks", "--verify", "--folder", tmp_path]
    done = launch(2, *argv, program=[sys.executable, str(driver)])
    assert done.returncode == 1
    assert done.stderr.count("error: ") == 1
    assert "rank 1 read a wrong item at byte 0 of the block of rank 1" in done.stderr
    assert "item 0 of rank 7" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["driver.py"]


def test_interrupted_by_its_user(mpiexec, tmp_path):
    """What Ctrl-C does: the signal goes to the launcher, which passes it on or ends the job."""
    argv = [*BENCH, "--size", "1M", "--repeats", "100000", "--folder", str(tmp_path)]
    job = subprocess.Popen(
        restoring_signals(mpiexec.command(2, argv, SECONDS)),
        env={**os.environ, **mpiexec.environment()},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + SECONDS
    while not any(path.name != "lock" for path in tmp_path.glob(".hpcpy-mpiio-*/*")):
        assert time.monotonic() < deadline
        assert job.poll() is None
        time.sleep(0.05)
    os.killpg(job.pid, signal.SIGINT)
    assert job.wait(SECONDS) != 0
    while list(tmp_path.iterdir()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
