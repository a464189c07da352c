import os
import signal
import subprocess
import sys
import time

import pytest

from hpcpy_core import tools
from hpcpy_core.errors import HpcpyError, InputError
from hpcpy_core.tools import find_tool, run_tool


def test_the_tool_beside_python_comes_first(tmp_path, monkeypatch):
    for folder in ("beside", "path"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "mpicc").touch(mode=0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "beside" / "python"))
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    assert find_tool("mpicc") == tmp_path / "beside" / "mpicc"
    (tmp_path / "beside" / "mpicc").unlink()
    assert find_tool("mpicc") == tmp_path / "path" / "mpicc"
    (tmp_path / "path" / "mpicc").unlink()
    with pytest.raises(InputError, match=r"no mpicc beside .*`pip install mpich`"):
        find_tool("mpicc")


def test_the_last_words_of_a_failure_are_told():
    assert run_tool([sys.executable, "-c", "print('well')"], 30) == "well\n"
    with pytest.raises(HpcpyError, match="ended with 3: no cure"):
        run_tool(
            [sys.executable, "-c", "import sys; print('no cure', file=sys.stderr); sys.exit(3)"], 30
        )


def test_what_takes_too_long_is_ended():
    with pytest.raises(HpcpyError, match="ended with 124 after too long"):
        run_tool([sys.executable, "-c", "import time; time.sleep(60)"], 0.5)


def test_what_does_not_heed_its_end_is_told_as_too_late_as_well(monkeypatch):
    monkeypatch.setattr(tools, "KILL_AFTER", 0.2)
    program = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
    with pytest.raises(HpcpyError, match="after too long"):
        run_tool([sys.executable, "-c", program], 1)


def test_root_may_start_open_mpi(monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert "OMPI_ALLOW_RUN_AS_ROOT=1" in run_tool(["env"], 10).splitlines()
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.delenv("OMPI_ALLOW_RUN_AS_ROOT", raising=False)
    assert "OMPI_ALLOW_RUN_AS_ROOT=1" not in run_tool(["env"], 10).splitlines()


def test_a_process_that_stays_behind_keeps_nobody_waiting(tmp_path):
    pid = tmp_path / "pid"
    stays = f"setsid sleep 60 & echo $! > {pid}; echo said"
    began = time.monotonic()
    try:
        assert run_tool(["sh", "-c", stays], 30) == "said\n"
        assert time.monotonic() - began < 30
    finally:
        os.kill(int(pid.read_text()), signal.SIGKILL)


def test_an_interrupted_caller_leaves_no_program_behind(tmp_path):
    pid = tmp_path / "pid"
    program = (
        "import signal; from hpcpy_core.tools import run_tool; "
        # Who starts the tests may ignore it.
        "signal.signal(signal.SIGINT, signal.default_int_handler); "
        f"run_tool(['sh', '-c', 'echo $$ > {pid}; exec sleep 60'], 120)"
    )
    caller = subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 30
    while not (pid.exists() and pid.read_text().strip()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    caller.send_signal(signal.SIGINT)
    assert caller.wait(timeout=30) != 0
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)
