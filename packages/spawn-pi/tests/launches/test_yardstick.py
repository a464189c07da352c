"""The yardstick compiles, compares and writes figures; how large they are is no test."""

import json
import math
import os
import subprocess
import sys

import pytest


def run(*words, path=None, intervals=5_000_000):
    """Run the command in a process of its own: it starts MPI for its timer."""
    program = (
        "import sys; from hpcpy_spawn_pi.yardstick import __main__ as command; "
        f"command.INTERVALS = {intervals}; sys.exit(command.main(sys.argv[1:]))"
    )
    environment = os.environ if path is None else {**os.environ, "PATH": path}
    return subprocess.run(
        [sys.executable, "-c", program, *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=environment,
    )


def test_figures_are_written(tmp_path):
    path = tmp_path / "yardstick.json"
    done = run("--json", str(path), "--repeats", "2")
    assert done.returncode == 0, done.stderr
    report = json.loads(path.read_text(encoding="utf-8"))
    assert set(report["cases"]) > {"numba", "C", "C, not fused", "C, one plain sum", "numpy"}
    for name, case in report["cases"].items():
        assert case["pi"] == pytest.approx(math.pi, abs=1e-11)
        assert case["numba_relative_speed"] > 0
        assert name in done.stdout


def test_an_unwritable_file_is_refused_before_the_work(tmp_path):
    done = run("--json", str(tmp_path / "missing" / "a.json"))
    assert done.returncode == 2
    assert done.stdout == ""
    assert "--json" in done.stderr


def test_a_missing_compiler_is_said(tmp_path):
    done = run(path=str(tmp_path))
    assert done.returncode == 2
    assert "error: the yardstick needs a C compiler: " in done.stderr
