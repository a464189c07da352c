import subprocess
import sys
import time

import pytest

from hpcpy_doctor import end_children as module
from hpcpy_doctor.end_children import end_children

STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); {}"


@pytest.mark.parametrize(
    ("program", "how"),
    [("print(flush=True); input()", -15), (STUBBORN.format("input()"), -9)],
    ids=["heeds SIGTERM", "does not"],
)
def test_none_is_left(monkeypatch, program, how):
    monkeypatch.setattr(module, "SECONDS", 0.3)
    # In a process of its own: pytest may have other children.
    code = (
        "import subprocess, sys\n"
        "from hpcpy_doctor import end_children as module\n"
        "module.SECONDS = 0.3\n"
        f"child = subprocess.Popen([sys.executable, '-c', {program!r}],\n"
        "    stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
        "child.stdout.readline()\n"
        "module.end_children()\n"
        "print(child.pid)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True
    )
    assert subprocess.run(["kill", "-0", done.stdout.strip()], capture_output=True).returncode != 0


def test_without_children_it_ends_at_once():
    began = time.monotonic()
    end_children()
    assert time.monotonic() - began < module.SECONDS
