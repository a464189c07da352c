"""However the doctor ends, it leaves nothing behind, or the next one removes it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

DOCTOR = [sys.executable, "-m", "hpcpy_doctor"]
SECONDS = 60

SLOW = """#!/bin/sh
touch {note}
exec sleep 30
"""


@pytest.fixture
def start(tmp_path):
    """Return a function that starts the doctor in a folder, as far as a job that hangs."""
    folder, place, note = (tmp_path / name for name in ("folder", "place", "note"))
    for path in (folder, place):
        path.mkdir()
    mpiexec = tmp_path / "mpiexec"
    mpiexec.write_text(SLOW.format(note=note))
    mpiexec.chmod(0o755)
    started = []

    def start():
        note.unlink(missing_ok=True)
        process = subprocess.Popen(
            [*DOCTOR, "--only", "mpi_files"], cwd=folder, stdout=subprocess.DEVNULL,
            env={**os.environ, "TMPDIR": str(place), "HPCPY_MPIEXEC": str(mpiexec)},
        )  # fmt: skip
        started.append(process)
        end = time.monotonic() + SECONDS
        while not note.exists():
            assert time.monotonic() < end
            time.sleep(0.02)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def left(tmp_path):
    return [path for name in ("folder", "place") for path in (tmp_path / name).iterdir()]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_one_that_is_ended_leaves_nothing(start, tmp_path, number):
    process = start()
    assert len(left(tmp_path)) == 2
    process.send_signal(number)
    assert process.wait(SECONDS) == 128 + number
    assert left(tmp_path) == []


def test_what_one_that_is_killed_leaves_the_next_removes(start, tmp_path):
    process = start()
    process.kill()
    process.wait()
    theirs = tmp_path / "folder" / ".hpcpy-doctor-thesis"
    theirs.mkdir()
    assert len(left(tmp_path)) == 3
    subprocess.run(
        [*DOCTOR, "--only", "world"], cwd=tmp_path / "folder", check=True, capture_output=True,
        env={**os.environ, "TMPDIR": str(tmp_path / "place")},
    )  # fmt: skip
    assert left(tmp_path) == [theirs]


@pytest.mark.parametrize(
    ("shell", "code", "said"),
    [
        (
            "{} > /dev/full",
            1,
            "error: standard output cannot be written: No space left on device\n",
        ),
        ("{} >&-", 0, ""),
        ("{} >&- 2>&-", 0, ""),
        ("{} <&- >/dev/null", 0, ""),
        (
            "{} --json > /dev/full",
            1,
            "error: standard output cannot be written: No space left on device\n",
        ),
        (
            "{} --help > /dev/full",
            1,
            "error: standard output cannot be written: No space left on device\n",
        ),
        ("{} > >(exec true)", None, ""),
    ],
)
def test_where_its_output_is_not_taken(tmp_path, shell, code, said):
    command = " ".join([*DOCTOR, "" if "--only" in shell or "--help" in shell else "--only world"])
    done = subprocess.run(
        ["bash", "-c", shell.format(command)], cwd=tmp_path, timeout=SECONDS, check=False,
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.stderr == said
    assert done.stdout == ""
    assert code is None or done.returncode == code
    assert list(Path(tmp_path).iterdir()) == []
