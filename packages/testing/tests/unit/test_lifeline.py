import os
import select
import subprocess
import sys

import pytest

from hpcpy_testing.lifeline import hold_lifeline, open_lifeline

HOLDS = """
import subprocess, sys, time
from pathlib import Path
from hpcpy_testing.lifeline import hold_lifeline
print(hold_lifeline(Path(sys.argv[1])), flush=True)
subprocess.Popen(["sleep", "2"], stdout=subprocess.DEVNULL, close_fds=False)
time.sleep(30)
"""


@pytest.fixture
def poll(tmp_path):
    """Make a lifeline, and return whether it has hung up within some seconds."""
    descriptor = open_lifeline(tmp_path / "alive")
    poller = select.poll()
    poller.register(descriptor, 0)
    yield lambda seconds: poller.poll(1000 * seconds) == [(descriptor, select.POLLHUP)]
    os.close(descriptor)


def test_it_hangs_up_when_its_process_is_killed_though_a_child_lives(poll, tmp_path):
    assert not poll(0)
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS, tmp_path / "alive"], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout.readline()
        assert not poll(0.2)
        process.kill()
        assert poll(1)


def test_its_number_is_above_those_of_other_files(poll, tmp_path):
    held = hold_lifeline(tmp_path / "alive")
    assert held > 200
    assert not poll(0)
    os.close(held)
    assert poll(0)
