import signal
import subprocess
import sys
import time

import pytest

from hpcpy_mpiio.scratch_folder import scratch_folder

# Jobs that a shell runs in the background are born with SIGINT ignored.
PROGRAM = """
import signal, sys, time
from pathlib import Path
from hpcpy_mpiio.scratch_folder import scratch_folder

signal.signal(signal.SIGINT, signal.default_int_handler)

with scratch_folder(Path(sys.argv[1])) as folder:
    (folder / "file").write_text("x")
    print("ready", flush=True)
    time.sleep(60)
"""


def test_it_is_there_and_then_it_is_not(tmp_path):
    with scratch_folder(tmp_path) as folder:
        assert folder.parent == tmp_path
        (folder / "file").write_text("x")
        (folder / "inner").mkdir()
    assert not list(tmp_path.iterdir())


def test_it_is_gone_after_an_error(tmp_path):
    with pytest.raises(KeyError, match="inside"), scratch_folder(tmp_path):
        raise KeyError("inside")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_it_is_gone_after_a_signal(tmp_path, number):
    command = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        assert process.wait(30) != 0
    deadline = time.monotonic() + 30
    while list(tmp_path.iterdir()):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_two_are_different(tmp_path):
    with scratch_folder(tmp_path) as one, scratch_folder(tmp_path) as two:
        assert one != two
