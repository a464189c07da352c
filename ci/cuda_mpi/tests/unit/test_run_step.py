import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import run_step as module
from hpcpy_core.errors import HpcpyError
from hpcpy_testing.restoring_signals import restoring_signals
from run_step import run_step


def test_its_words_are_in_the_log_and_its_variables_are_set(tools, tmp_path):
    log = tmp_path / "log"
    run_step(["sh", "-c", "echo $COLOUR; pwd"], tmp_path, log, COLOUR="green")
    run_step(["sh", "-c", "echo more"], tmp_path, log)
    assert log.read_text() == f"green\n{tmp_path}\nmore\n"


def test_a_failure_quotes_the_errors_of_this_step_and_names_the_log(tools, tmp_path):
    log = tmp_path / "log"
    run_step(["sh", "-c", "echo error: of an earlier step"], tmp_path, log)
    tools("make", "echo a.c:1: error: no such thing; echo make: leaving; exit 2")
    with pytest.raises(HpcpyError) as caught:
        run_step(["make"], tmp_path, log)
    assert str(caught.value) == (
        f"make ended with 2:\na.c:1: error: no such thing\nAll that it said is in {log}"
    )


def test_a_failure_without_such_lines_quotes_the_last_ones(tools, tmp_path):
    tools("make", "for i in 1 2 3 4 5 6 7; do echo line $i; done; exit 1")
    with pytest.raises(HpcpyError, match="with 1:\nline 2\n") as caught:
        run_step(["make"], tmp_path, tmp_path / "log")
    assert "line 7\nAll that" in str(caught.value)


def test_an_interrupted_step_leaves_no_process(tmp_path):
    code = (
        "import pathlib, run_step;"
        "run_step.run_step(['sh', '-c', 'sleep 60 & sleep 1; echo $!; wait'],"
        " pathlib.Path('.'), pathlib.Path('log'))"
    )
    place = str(Path(module.__file__).parent)
    process = subprocess.Popen(
        restoring_signals([sys.executable, "-c", code]),
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": place},
        stderr=subprocess.DEVNULL,
    )
    log = tmp_path / "log"
    wait_until(lambda: log.exists() and log.read_text().endswith("\n"))
    grandchild = int(log.read_text())
    assert is_running(grandchild)
    process.send_signal(signal.SIGINT)
    process.wait(timeout=20)
    wait_until(lambda: not is_running(grandchild))


def wait_until(condition):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_running(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
