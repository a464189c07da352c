import signal
import subprocess
import sys

import pytest

from hpcpy_testing.restoring_signals import restoring_signals

TELLS = "import os, signal, sys; print(os.getpid(), signal.getsignal(signal.{}) == signal.SIG_IGN)"


@pytest.mark.parametrize("name", ["SIGINT", "SIGHUP", "SIGTERM", "SIGCHLD"])
@pytest.mark.parametrize("restored", [False, True])
def test_a_signal_that_was_ignored_is_heeded(name, restored):
    command = [sys.executable, "-c", TELLS.format(name)]
    with subprocess.Popen(
        restoring_signals(command) if restored else command,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(getattr(signal, name), signal.SIG_IGN),
    ) as process:
        said, _ = process.communicate(timeout=60)
    assert said.split() == [str(process.pid), str(not restored)]
