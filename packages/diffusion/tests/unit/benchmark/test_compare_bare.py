import json

import pytest

from hpcpy_diffusion.benchmark import compare_bare
from hpcpy_diffusion.parameters import Parameters


def test_both_are_started_in_turn_on_the_same_problem(monkeypatch):
    commands, seconds = [], iter([3.0, 2.0, 5.0, 2.0, 9.0, 3.0])

    def run_tool(command, limit):
        commands.append(command)
        spent = next(seconds)
        if "run" in command:
            return json.dumps({"seconds": {"compute": spent - 1, "halo": 1.0}})
        return f"{spent}\n"

    monkeypatch.setattr(compare_bare, "run_tool", run_tool)
    found = compare_bare.compare_bare(
        ["mpiexec", "-n", "1"], Parameters(), kernel="numba", steps=7, repeats=3
    )
    assert found["seconds"] == {"one rank": 5.0, "no MPI": 2.0}
    assert found["ratio"] == pytest.approx(2.5)  # the median of 1.5, 2.5, 3
    with_mpi, bare = commands[0], commands[1]
    assert commands == [with_mpi, bare] * 3
    assert with_mpi[:3] == ["mpiexec", "-n", "1"]
    assert bare[-4:] == ["--points", "299", "--steps", "7"]
    runtime = next(float(word[8:]) for word in with_mpi if word.startswith("runtime="))
    assert Parameters(runtime=runtime).steps == 7
