import json

import pytest

from hpcpy_core.run_alone import run_alone
from hpcpy_diffusion import profiling
from hpcpy_diffusion.profile_command import profile

SMALL = ["--set", "dx=2"]


def test_text_and_figures_are_written_and_shown(tmp_path, capsys):
    argv = ["--tool", "cprofile", "--kernel", "numpy-loops", "--output", str(tmp_path / "a" / "b")]
    assert run_alone(profile, [*argv, *SMALL, "--steps", "7"]) == 0
    text = tmp_path / "a" / "b" / "profile-numpy-loops-cprofile.txt"
    assert text.read_text().strip() in capsys.readouterr().out
    report = json.loads(text.with_suffix(".json").read_text())
    assert report["command"] == "hpcpy-diffusion profile"
    assert (report["tool"], report["kernel"]) == ("cprofile", "numpy-loops")
    assert (report["profiled_steps"], report["parameters"]["points"]) == (7, 10)
    (step,) = [each for each in report["functions"] if each["function"] == "step"]
    assert (step["file"], step["calls"]) == ("numpy_loops.py", 7)


def test_an_earlier_profile_stays_unless_told_otherwise(tmp_path, capsys):
    argv = ["--tool", "cprofile", "--output", str(tmp_path), *SMALL]
    old = tmp_path / "profile-python-cprofile.json"
    old.write_text("old")
    assert run_alone(profile, argv) == 2
    assert f"{old} is there: give --overwrite, or another --output" in capsys.readouterr().err
    assert old.read_text() == "old"
    assert list(tmp_path.iterdir()) == [old]
    assert run_alone(profile, [*argv, "--overwrite"]) == 0
    assert json.loads(old.read_text())["profiled_steps"] == 20


@pytest.mark.parametrize("tool", ["line", "memory"])
def test_a_missing_profiler_is_named_with_its_extra(monkeypatch, tmp_path, capsys, tool):
    monkeypatch.setattr(profiling, "find_spec", lambda name: None)
    assert run_alone(profile, ["--tool", tool, "--output", str(tmp_path / "a")]) == 2
    said = capsys.readouterr().err
    assert f"needs {tool}_profiler, which is not installed: pip install {tool}_profiler" in said
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--tool", "cprofile", "--kernel", "numba"], "'numba' is not one of"),
        (["--tool", "gprof"], "'gprof' is not one of"),
        ([], "Missing option '--tool'"),
        (["--tool", "cprofile", "--set", "dx=100"], "dx = 100.0: gives a grid of 0"),
        (["--tool", "cprofile", "--output", "file"], "output file cannot be written"),
        (["--tool", "cprofile", "--steps", "0"], "0 is not in the range"),
    ],
)
def test_what_cannot_work_is_said_before(tmp_path, monkeypatch, capsys, argv, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    assert run_alone(profile, argv) == 2
    assert words in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
