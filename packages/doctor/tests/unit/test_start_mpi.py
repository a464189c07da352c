import os
import sys
import time

import pytest

from hpcpy_doctor import start_mpi as module
from hpcpy_doctor.start_mpi import Attempt


@pytest.fixture
def start(tmp_path, monkeypatch):
    """Return a function that starts a program in place of the probe's Python."""

    def start(script, seconds=30.0):
        program = tmp_path / "python"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o700)
        monkeypatch.setattr(sys, "executable", str(program))
        return Attempt.start(tmp_path / "story", tmp_path / "words", seconds)

    return start


def wait(attempt):
    while attempt.poll() is None:
        time.sleep(0.01)
    return attempt.poll()


def test_it_is_told_where_to_write_and_when_to_end(start, tmp_path):
    with start('echo "$@"; echo aside >&2; exit 3', seconds=7.5) as attempt:
        assert wait(attempt) == 3
    words = (tmp_path / "words").read_text()
    assert f"-m hpcpy_doctor.probe --to {tmp_path / 'story'} --seconds 10\n" in words
    assert words.endswith("aside\n")


def test_it_inherits_the_launchers_descriptors(start, tmp_path):
    with (tmp_path / "channel").open("w") as channel:
        os.set_inheritable(channel.fileno(), True)
        with start(f"echo heard > /proc/self/fd/{channel.fileno()}") as attempt:
            assert wait(attempt) == 0
    assert (tmp_path / "channel").read_text() == "heard\n"


def test_who_hangs_is_killed_and_has_no_code(start):
    with start("exec sleep 60", seconds=0.05) as attempt:
        time.sleep(0.1)
        assert attempt.is_late
        child = attempt.child
    assert attempt.poll() is None
    assert child.returncode == -9


def test_it_can_be_hurried(start):
    with start("exec sleep 60", seconds=600) as attempt:
        assert not attempt.is_late
        attempt.hurry(0)
        assert attempt.is_late
    assert module.BUSY_LIMIT > 0
