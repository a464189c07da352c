import os
import signal
import subprocess
import sys

import pytest

PROGRAM = """
import os, sys, time
from hpcpy_doctor.outlive import go_apart
print("known", os.getpid(), flush=True)
was_ended = go_apart()
assert os.getsid(0) == os.getpid() and not was_ended()
print("apart", os.getpid(), flush=True)
if sys.argv[1] != "wait":
    sys.exit(int(sys.argv[1]))
end = time.monotonic() + 30
while not was_ended() and time.monotonic() < end:
    time.sleep(0.01)
print("told", was_ended(), flush=True)
sys.exit(7)
"""


def start(word):
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, word], stdout=subprocess.PIPE, text=True
    )


def test_it_goes_on_in_another_process_and_ends_like_it():
    with start("5") as job:
        said = [line.split() for line in job.stdout]
    assert [word for word, _ in said] == ["known", "apart"]
    assert said[0][1] == str(job.pid) != said[1][1]
    assert job.returncode == 5


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 7), (signal.SIGKILL, -9)])
def test_it_outlives_what_the_launcher_does_and_knows_of_it(number, code):
    with start("wait") as job:
        assert [job.stdout.readline().split()[0] for _ in range(2)] == ["known", "apart"]
        os.kill(job.pid, number)
        assert job.stdout.readline() == "told True\n"
    assert job.returncode == code
