import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import programs
from hpcpy_core.errors import HpcpyError
from hpcpy_testing.restoring_signals import restoring_signals
from programs import call, find_first, watch


def test_the_first_program_that_is_there_is_found(tools):
    tools("second", "")
    assert find_first(["first", "second", "sh"]).endswith("/second")
    assert find_first(["first"]) is None


def test_a_program_that_fails_is_quoted(tools):
    tools("fails", "echo because >&2; exit 3")
    with pytest.raises(HpcpyError, match="fails ended with 3: because"):
        call(["fails"])


def test_a_program_that_is_not_there_is_no_traceback(tools):
    with pytest.raises(HpcpyError, match="nowhere cannot be run: No such file"):
        call(["nowhere"])


def test_what_a_long_program_prints_is_passed_on_and_its_end_quoted(tools, tmp_path, capsys):
    tools("long", "for i in 1 2 3 4 5 6 7 8 9; do echo line $i; done; exit 1")
    with pytest.raises(HpcpyError) as caught:
        watch(["long"], tmp_path)
    assert "line 1" in capsys.readouterr().err
    assert "line 1\n" not in str(caught.value)
    assert str(caught.value).endswith("line 9")


def test_an_interrupted_build_does_not_go_on(tmp_path):
    script = "import programs, pathlib; programs.watch(['sh', 'long.sh'], pathlib.Path('.'))"
    (tmp_path / "long.sh").write_text("echo $$; exec sleep 60")
    place = str(Path(programs.__file__).parent)
    process = subprocess.Popen(
        restoring_signals([sys.executable, "-c", script]),
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": place},
        stderr=subprocess.PIPE,
        text=True,
    )
    child = int(process.stderr.readline())
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    pytest.fail("the program still runs")
