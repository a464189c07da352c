import sys

import pytest

from hpcpy_spawn_pi.launch_lines import find_launch_lines

HYDRA = "HYDRA build details:\n    Version: 5.0.2"
PRRTE = "mpiexec (Open MPI) 5.0.11"


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine with no launcher at all, and a function that installs programs on it."""

    def install(folder, name, says, code=0):
        place = tmp_path / folder
        place.mkdir(exist_ok=True)
        program = place / name
        program.write_text(f"#!/bin/sh\ncat <<'END'\n{says}\nEND\nexit {code}\n")
        program.chmod(0o755)
        return program

    (tmp_path / "bin").mkdir()
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bin" / "python"))
    monkeypatch.setenv("PATH", f"{tmp_path / 'path'}:/usr/bin:/bin")
    return install


@pytest.fixture
def environ(tmp_path):
    return {"PATH": str(tmp_path / "path")}


def test_without_any_launcher_there_is_the_singleton(machine, environ):
    assert find_launch_lines(environ) == {"python (no launcher)": ()}


def test_open_mpi_is_tried_with_and_without_leave_to_oversubscribe(machine, environ):
    mpich = str(machine("bin", "mpiexec", HYDRA))
    openmpi = str(machine("path", "mpiexec", PRRTE))
    over = ("--map-by", ":OVERSUBSCRIBE")
    assert find_launch_lines(environ) == {
        "python (no launcher)": (),
        "mpiexec -n 1 (MPICH)": (mpich, "-n", "1"),
        "mpiexec -n 4 (MPICH)": (mpich, "-n", "4"),
        "mpiexec -n 1 (Open MPI)": (openmpi, "-n", "1"),
        "mpiexec -n 4 (Open MPI)": (openmpi, "-n", "4"),
        "mpiexec -n 1 --map-by :OVERSUBSCRIBE (Open MPI)": (openmpi, "-n", "1", *over),
        "mpiexec -n 4 --map-by :OVERSUBSCRIBE (Open MPI)": (openmpi, "-n", "4", *over),
    }


def test_one_launcher_in_two_places_is_one(machine, environ, tmp_path):
    program = machine("bin", "mpiexec", HYDRA)
    (tmp_path / "path").mkdir()
    (tmp_path / "path" / "mpiexec").symlink_to(program)
    assert len(find_launch_lines(environ)) == 1 + 2


@pytest.mark.parametrize(("code", "lines"), [(0, 2), (1, 0)])
def test_srun_counts_where_slurm_answers(machine, environ, code, lines):
    machine("path", "srun", "")
    machine("path", "sinfo", "ci up 1", code)
    found = [name for name in find_launch_lines(environ) if name.startswith("srun")]
    assert len(found) == lines
