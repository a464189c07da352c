from itertools import pairwise
from pathlib import Path

import pytest

import list_ladders as module
from hpcpy_diffusion.kernels import GPU_KERNELS
from hpcpy_diffusion.load_parameters import load_parameters
from list_ladders import ALL, list_ladders

LAUNCH = {1: ["mpiexec", "-n", "1", "python", "-m"], 2: ["mpiexec", "-n", "2", "python", "-m"]}


@pytest.fixture
def steps(monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda name: True)
    return {step.name: step for step in list_ladders(Path("/r"), LAUNCH, None)}


def test_each_solves_the_grid_that_it_is_named_after(steps):
    for name, step in steps.items():
        _, points, dtype, ranks = name.split("-")
        command = list(step.command)
        words = [after for word, after in pairwise(command) if word == "--set"]
        parameters = load_parameters(None, words)
        assert (parameters.points, parameters.dtype) == (int(points), dtype)
        assert command[:5] == LAUNCH[int(ranks)]
        assert command[command.index("--json") + 1] == f"/r/{name}.json"
        assert step.lacks is None


def test_the_figures_to_reach_are_among_them(steps):
    assert {
        *("ladder-16384-float64-1", "ladder-16384-float64-2", "ladder-2048-float64-1"),
        *("ladder-16384-float32-1", "ladder-2048-float32-1", "ladder-8192-float64-1"),
    } < set(steps)
    assert ",".join(GPU_KERNELS) == ALL
    assert "cupy-raw,numba-vector" in steps["ladder-8192-float64-1"].command


def test_without_numba_only_the_cpu_is_not_measured(monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    lacking = {s.name: s.lacks for s in list_ladders(Path("/r"), LAUNCH, None) if s.lacks}
    assert lacking == {
        "ladder-8192-float64-1": "numba, which computes on the CPU, is not installed here"
    }


def test_without_a_gpu_none_is_measured():
    assert {step.lacks for step in list_ladders(Path("/r"), LAUNCH, "no GPU")} == {"no GPU"}
