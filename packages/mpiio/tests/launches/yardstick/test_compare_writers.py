"""The comparison starts its jobs and writes figures; how large they are is no test."""

import json
import shutil

import pytest

from hpcpy_mpiio.yardstick import compare_writers
from hpcpy_testing.mpiexec import Mpiexec


@pytest.fixture(autouse=True)
def _environment(monkeypatch):
    for name, value in Mpiexec.find().environment().items():
        monkeypatch.setenv(name, value)


def test_figures_are_written(tmp_path, capsys):
    record = tmp_path / "a.json"
    options = ["--size", "1M", "--folder", str(tmp_path), "--json", str(record)]
    assert compare_writers.main(options) == 0
    figures = json.loads(record.read_text(encoding="utf-8"))
    assert figures["ranks"] == 2
    assert figures["file_system"]["type"] != "unknown"
    assert len(figures["relative_speed"]) == 5
    assert all(figure["ratio"] > 0 for figure in figures["relative_speed"].values())
    assert all(times["repeats"] == 7 for times in figures["seconds"].values())
    assert {found["block"] for found in figures["memory_bytes"].values()} == {1 << 19}
    assert figures["mpi"] in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_a_job_that_takes_too_long_is_one_message(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(compare_writers, "SECONDS", 0.2)
    assert compare_writers.main(["--folder", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert said.startswith("error: ")
    assert "ended with 124" in said
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--json", "/nowhere/a.json"], "--json /nowhere/a.json cannot be written"),
        (["--folder", "/nowhere"], "/nowhere"),
        (["--repeats", "6"], "repeats"),
        (["--size", "x"], "size"),
        (["--size", "7"], "at least 8"),
    ],
)
def test_refused_before_the_work(monkeypatch, capsys, argv, message):
    monkeypatch.delattr(compare_writers, "_run_ranks")
    assert compare_writers.main(argv) == 2
    assert message in capsys.readouterr().err


def test_no_mpiexec(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert compare_writers.main(["--folder", str(tmp_path)]) == 2
    assert "no mpiexec" in capsys.readouterr().err
