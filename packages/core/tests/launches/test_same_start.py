"""Jobs whose ranks were started differently: refused by name, with exit 2, and never a hang."""

import sys

import pytest

from hpcpy_testing.mpiexec import Mpiexec

COMMAND = [sys.executable, "-m", "hpcpy_core"]

OTHER = """
import sys, click
from hpcpy_core.cli import run_command
from hpcpy_core.launch import import_mpi
from hpcpy_core.run_alone import run_alone
@click.command("other")
@click.option("--number", type=int)
def command(number):
    def work(comm):
        comm.Barrier()
        click.echo("worked")
    return work
@click.command("lone")
def lone():
    click.echo("looked")
if sys.argv[1:2] == ["lone"]:
    sys.exit(run_alone(lone, sys.argv[2:]))
sys.exit(run_command(command, None, lambda: import_mpi().COMM_WORLD))
"""


@pytest.fixture(scope="module")
def mpiexec():
    return Mpiexec.find()


@pytest.fixture
def other(tmp_path):
    script = tmp_path / "other.py"
    script.write_text(OTHER)
    return [sys.executable, str(script)]


def launch(mpiexec, first, second):
    return mpiexec.launch(1, [*first, ":", "-n", "1", *second], timeout=60)


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (
            "other --number 1",
            "other --number 2",
            "arguments: --number 2 where rank 0 has --number 1",
        ),
        ("core --help", "core", "rank 1 was started with other arguments: no more of them where"),
        ("core", "core --jsno", "(try: hpcpy-core --help); rank 1 was started with"),
        ("core", "other", "rank 1 was started as other where rank 0 is hpcpy-core"),
        ("other lone", "other", "rank 1 was started as other where rank 0 is lone"),
        ("other", "other lone", "rank 1 was started as lone where rank 0 is other"),
        ("other --number 1", "other --number " + "9" * 5000, "other arguments: --number 999"),
    ],
)
def test_a_difference_is_named_by_rank(mpiexec, other, first, second, said):
    def words(line):
        name, *rest = line.split()
        return [*(COMMAND if name == "core" else other), *rest]

    done = launch(mpiexec, words(first), words(second))
    assert not done.timed_out
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("error: ") == 1
    assert "Traceback" not in done.stderr
    assert "worked" not in done.stdout
    assert "looked" not in done.stdout
    assert len(done.stderr) < 3000


def test_another_device_by_the_environment(mpiexec):
    with_gpu = ["env", "HPCPY_DEVICE=gpu", *COMMAND]
    done = launch(mpiexec, ["env", "HPCPY_DEVICE=cpu", *COMMAND], with_gpu)
    assert done.returncode == 2
    assert "rank 1 was started with HPCPY_DEVICE=gpu in its environment" in done.stderr
    assert not done.timed_out


def test_a_script_and_the_module_are_the_same_command(mpiexec, tmp_path):
    script = tmp_path / "hpcpy-core"
    script.write_text("import sys; from hpcpy_core.__main__ import main; sys.exit(main())")
    done = launch(mpiexec, [sys.executable, str(script)], COMMAND)
    assert done.returncode == 0
    assert "2 ranks" in done.stdout


def test_a_command_of_one_process_works_once_under_a_launcher(mpiexec, other):
    done = mpiexec.launch(3, [*other, "lone"], timeout=60)
    assert done.returncode == 0
    assert done.stdout.split() == ["looked"]
