import subprocess
import sys
import time
from pathlib import Path

import pytest

PARENT = """
import os, signal, subprocess, sys
from hpcpy_core.die_with import die_with
parent = os.getpid()
child = subprocess.Popen(
    ["sleep", "60"], preexec_fn=lambda: die_with(parent, signal.{number}), stdout=subprocess.DEVNULL
)
print(child.pid, flush=True)
{end}
"""

GONE = """
import os
from hpcpy_core.die_with import die_with
die_with(os.getppid() + 1)
print("lives")
"""


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("number", ["SIGTERM", "SIGKILL"])
@pytest.mark.parametrize("end", ["os.kill(os.getpid(), signal.SIGKILL)", "os._exit(0)"])
def test_a_program_ends_with_its_parent(number, end):
    program = PARENT.format(number=number, end=end)
    done = subprocess.run(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, timeout=60, check=False
    )
    limit = time.monotonic() + 30
    while is_running(int(done.stdout)) and time.monotonic() < limit:
        time.sleep(0.02)
    assert not is_running(int(done.stdout))


def test_it_ends_at_once_where_its_parent_is_gone_already():
    done = subprocess.run(
        [sys.executable, "-c", GONE], stdout=subprocess.PIPE, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
