"""The benchmark starts its jobs and joins their reports; how large figures are is no test."""

import json

import pytest

from hpcpy_diffusion import bench
from hpcpy_diffusion.kernels import KERNELS, find_kernel
from hpcpy_diffusion.parameters import Parameters
from hpcpy_testing.mpiexec import Mpiexec

SMALL = Parameters(dx=1.0, runtime=10.0)


@pytest.fixture(autouse=True)
def _environment(monkeypatch):
    for name, value in Mpiexec.find().environment().items():
        monkeypatch.setenv(name, value)


def test_figures_are_written(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(bench, "LARGE", SMALL)
    monkeypatch.setattr(bench, "PROBLEMS", ("notes",))
    monkeypatch.setattr(bench, "BARE", {"steps": 3, "repeats": 1})
    path = tmp_path / "diffusion-cpu.json"
    assert bench.main(["--json", str(path), "--seconds", "0.001"]) == 0
    report = json.loads(path.read_text(encoding="utf-8"))
    assert report["command"] == "hpcpy_diffusion.bench"
    installed = [name for name, kernel in KERNELS.items() if kernel.installed]
    ladders = report["ladder"]
    assert list(ladders["notes"]["rungs"]) == installed
    assert ladders["notes"]["missing"].keys() == KERNELS.keys() - set(installed)
    assert ladders["notes"]["parameters"]["points"] == 299
    assert list(ladders["large"]["rungs"]) == [n for n in installed if n not in bench.TOO_SLOW]
    assert ladders["large"]["parameters"]["points"] == SMALL.points
    for ladder in ladders.values():
        assert (ladder["ranks"], ladder["machine"]["cores"]) == (1, 1)
    auto = find_kernel("auto").name
    assert report["bare"]["kernel"] == auto
    assert report["bare"]["ratio"] > 0
    assert f"hpcpy {auto}" in report["libraries"]["notes"]["cases"]
    assert report["ranks"]["notes"]["ranks"] == 2
    said = capsys.readouterr().out
    assert said.count("warm-up s") == 2
    assert "2 ranks, persistent" in said


def test_an_unwritable_file_is_refused_before_the_work(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(bench, "measure", None)
    assert bench.main(["--json", str(tmp_path / "missing" / "a.json")]) == 2
    assert "--json" in capsys.readouterr().err
