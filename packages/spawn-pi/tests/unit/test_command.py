import subprocess
import sys

import click
import pytest

from hpcpy_spawn_pi.bench import bench


def run(*words):
    """Run python in a process of its own: whether it starts MPI is asked there."""
    return subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, timeout=120, check=False
    )


def test_importing_what_comes_before_mpi_starts_none():
    modules = ["", ".command", ".__main__", ".guard", ".shield", ".try_spawn", ".launcher"]
    imports = "; ".join(f"import hpcpy_spawn_pi{module}" for module in modules)
    done = run("-c", f"{imports}; import sys; print('mpi4py.MPI' in sys.modules)")
    assert done.stdout == "False\n", done.stderr


def test_the_names_of_the_package():
    done = run("-c", "from hpcpy_spawn_pi import Guard, Parameters, Result, run; print(Guard)")
    assert "hpcpy_spawn_pi.guard.Guard" in done.stdout, done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--help"], "mpiexec -n 1 hpcpy-spawn-pi run --workers 4"),
        (["run", "--help"], "the same to the last bit in every mode"),
        (["--version"], "0.1"),
    ],
)
def test_help_needs_no_mpi(words, said):
    program = (
        "import sys; from hpcpy_spawn_pi.__main__ import main; main(sys.argv[1:]); "
        "assert 'mpi4py.MPI' not in sys.modules"
    )
    done = run("-c", program, *words)
    assert done.returncode == 0, done.stderr
    assert said in " ".join(done.stdout.split())


def test_a_worker_alone_says_what_it_is_for():
    done = run("-m", "hpcpy_spawn_pi.worker", "numba")
    assert done.returncode == 1
    assert done.stderr == (
        "error: this is a worker, for MPI_Comm_spawn: start hpcpy-spawn-pi run instead\n"
    )


@pytest.mark.parametrize(("command", "name"), [(bench, "repeats")])
def test_days_of_repeats_are_refused_by_the_numbers(command, name):
    option = next(each for each in command.params if each.name == name)
    assert option.type.convert("1000000", option, None) == 10**6
    with pytest.raises(click.BadParameter, match=r"1000000000 is not in the range .*<=x<=1000000"):
        option.type.convert("1000000000", option, None)
