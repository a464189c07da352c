import json
import os
import sys
import tarfile

import pytest

import run_all as module
from run_all import run_all
from step import Step


@pytest.fixture
def run(tmp_path, work, monkeypatch):
    """Return a function that runs shell commands as steps, by name."""
    results = tmp_path / "results"
    results.mkdir()
    monkeypatch.setattr(module, "describe_gpu", lambda: {"gpus": [], "glibc": "", "versions": {}})
    monkeypatch.setattr(sys, "path", [*sys.path])

    def run(seconds=100.0, **commands):
        def list_steps(places, *, rehearsed):
            for name, command in commands.items():
                output = places.work / f"{name}.json" if name in module.PRINTED else None
                words = ["sh", "-c", command]
                yield Step(name=name, command=words, seconds=20.0, output=output)

        monkeypatch.setattr(module, "list_steps", list_steps)
        code = run_all(tmp_path, work, results, dict(os.environ), rehearsed=False, seconds=seconds)
        return code, results

    return run


def test_a_failure_does_not_stop_the_others_and_is_in_the_exit_code(run, capsys):
    code, results = run(one="exit 1", two="true")
    assert code == 1
    record = json.loads((results / "gpu.json").read_text())
    assert [step["state"] for step in record["steps"]] == ["failed", "passed"]
    assert "NOT all passed: 1 of 2 steps" in capsys.readouterr().out


def test_all_that_passed_is_0_and_everything_is_kept(run, capsys):
    code, results = run(one="echo hello")
    assert code == 0
    assert sorted(path.name for path in results.iterdir()) == [
        "gpu.json",
        "logs.tar.gz",
        "verdict.txt",
    ]
    assert (results / "verdict.txt").read_text() == capsys.readouterr().out
    with tarfile.open(results / "logs.tar.gz") as archive:
        assert archive.extractfile("logs/one.log").read() == b"hello\n"


def test_the_record_says_when_where_and_in_which_versions(run):
    _, results = run(one="true")
    record = json.loads((results / "gpu.json").read_text())
    assert record["command"] == "ci/gpu.sh"
    assert record["rehearsal"] is False
    assert {"schema", "date", "machine", "versions", "gpu"} <= record.keys()


def test_what_a_step_printed_is_a_part_of_the_record(run):
    found = '{"library": "x", "operations": {}}'
    _, results = run(awareness=f"echo '{found}'", copies="echo half; exit 1")
    record = json.loads((results / "gpu.json").read_text())
    assert record["awareness"] == json.loads(found)
    assert "copies" not in record


def test_what_does_not_fit_into_the_time_is_left_out_and_told(run, capsys):
    code, _ = run(seconds=5.0, one="true")
    assert code == 1
    assert "left out: one\n    no time was left" in capsys.readouterr().out
