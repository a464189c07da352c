"""The yardstick compiles, runs both programs and writes figures; how large they are is no test."""

import json

import pytest

from hpcpy_collectives import yardstick
from hpcpy_testing.mpiexec import Mpiexec


@pytest.fixture(autouse=True)
def _environment(monkeypatch):
    for name, value in Mpiexec.find().environment().items():
        monkeypatch.setenv(name, value)


def test_figures_are_written(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(yardstick, "BLOCKS", 2)
    monkeypatch.setattr(yardstick, "ITERATIONS", 20)
    path = tmp_path / "yardstick.json"
    assert yardstick.main(["--json", str(path), "--pairs", "1"]) == 0
    figures = json.loads(path.read_text(encoding="utf-8"))
    for case in figures["cases"].values():
        assert case["target"] is not None
        assert all(ratio > 0 for ratio in case["ratio"].values())
    assert len(figures["pickle"]) == 4
    assert figures["mpi4py_bench_pingpong_8"] > 0
    assert figures["library"] in capsys.readouterr().out


def test_an_unwritable_file_is_refused_before_the_work(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(yardstick, "collect", None)
    assert yardstick.main(["--json", str(tmp_path / "missing" / "a.json")]) == 2
    assert "--json" in capsys.readouterr().err
    assert yardstick.main(["--pairs", "0"]) == 2
