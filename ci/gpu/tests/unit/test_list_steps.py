from pathlib import Path

import pytest

import list_ladders
import list_steps as module
from list_steps import Places, list_steps


@pytest.fixture
def places(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "find_sanitizer", lambda: "/cuda/bin/compute-sanitizer")
    monkeypatch.setattr(list_ladders, "find_spec", lambda name: True)
    for package in ("core", "collectives"):
        (tmp_path / "packages" / package / "tests" / "gpu").mkdir(parents=True)
    return Places(bundle=tmp_path, results=Path("/r"), logs=Path("/l"), work=Path("/w"))


def steps(places, **how):
    return {step.name: step for step in list_steps(places, **how)}


def test_every_package_is_tested_at_1_2_and_4_ranks(places):
    found = steps(places, rehearsed=False)
    for package in ("core", "collectives"):
        for ranks in (1, 2, 4):
            command = found[f"test-{package}-{ranks}"].command
            assert command[-2:] == [str(ranks), f"{places.bundle}/packages/{package}/tests/gpu"]
            assert "--emulated-driver" not in command


ON_GPU = ("bench", "demo-s", "demo-d", "ladder", "verify")
CHECKS = ("test", "demo", "verify", "watch")
FIGURES = ("bench", "copies", "ladder")


def test_on_a_gpu_nothing_is_left_out(places):
    assert [step.lacks for step in list_steps(places, rehearsed=False) if step.lacks] == []


def test_a_rehearsal_measures_nothing(places):
    found = steps(places, rehearsed=True)
    assert "--emulated-driver" in found["test-core-2"].command
    assert all(step.lacks for name, step in found.items() if name.startswith(FIGURES))
    on_gpu = {name for name, step in found.items() if "gpu" in step.command}
    assert on_gpu == {name for name in found if name.startswith(ON_GPU)}
    assert all(found[name].lacks for name in on_gpu)


def test_the_proof_comes_first_and_figures_last(places):
    names = list(steps(places, rehearsed=False))
    assert names[:2] == ["doctor", "awareness"]
    tests = [number for number, name in enumerate(names) if name.startswith(CHECKS)]
    figures = [number for number, name in enumerate(names) if name.startswith(FIGURES)]
    assert max(tests) < min(figures)


def test_a_benchmark_writes_a_report_of_its_own(places):
    command = steps(places, rehearsed=False)["bench-direct-4"].command
    assert list(command[:3]) == ["mpiexec", "-n", "4"]
    assert command[command.index("--transport") + 1] == "direct"
    assert command[command.index("--output") + 1] == "/r/bench-direct-4.json"


def test_kernels_are_watched_where_there_is_a_tool_for_it(places, monkeypatch):
    found = steps(places, rehearsed=False)
    for tool in ("memcheck", "racecheck"):
        command = list(found[f"watch-{tool}"].command)
        assert command[:3] == ["/cuda/bin/compute-sanitizer", "--tool", tool]
        assert command[-1].endswith("/sweep_small_grids.py")
    monkeypatch.setattr(module, "find_sanitizer", lambda: None)
    lacking = {step.lacks for step in list_steps(places, rehearsed=False) if step.lacks}
    assert lacking == {module.LACKING}
