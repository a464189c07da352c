"""What a command does under the right launcher, the wrong one, and when a rank fails."""

import os
import subprocess
import sys

import pytest

from hpcpy_testing.mpiexec import Mpiexec

COMMAND = [sys.executable, "-m", "hpcpy_core"]


@pytest.fixture(scope="module")
def mpiexec():
    return Mpiexec.find()


def launch(mpiexec, tmp_path, body, ranks=3, start=(), **options):
    """Launch a command whose work on every rank is `body`, started by the words `start`."""
    script = tmp_path / "command.py"
    script.write_text(
        "import sys, click\n"
        "from hpcpy_core.cli import run_command\n"
        "from hpcpy_core.launch import import_mpi\n"
        "@click.command()\n"
        "def command():\n"
        "    def work(comm):\n"
        + "".join(f"        {line}\n" for line in body)
        + "    return work\n"
        "sys.exit(run_command(command, [], lambda: import_mpi().COMM_WORLD))\n"
    )
    command = [*start, sys.executable, str(script)]
    return mpiexec.launch(ranks, command, timeout=60, **options)


@pytest.mark.parametrize("ranks", [1, 4])
def test_the_line_is_printed_once(mpiexec, ranks):
    done = mpiexec.launch(ranks, COMMAND, timeout=60)
    assert done.returncode == 0
    assert done.stdout.count("device cpu") == 1
    assert f"{ranks} rank" in done.stdout


def test_help_is_printed_once(mpiexec):
    done = mpiexec.launch(3, [*COMMAND, "--help"], timeout=60)
    assert done.returncode == 0
    assert done.stdout.count("Usage: hpcpy-core") == 1


@pytest.mark.parametrize(
    ("variables", "launcher"),
    [
        ({"PMI_SIZE": "3", "MPI_LOCALNRANKS": "3"}, "mpiexec of MPICH (Hydra)"),
        ({"OMPI_COMM_WORLD_SIZE": "3"}, "mpirun of Open MPI"),
        ({"SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "3"}, "srun"),
    ],
    ids=["hydra", "prterun", "srun"],
)
def test_lone_processes_of_a_foreign_launcher_are_refused_by_the_first_only(
    tmp_path, variables, launcher
):
    """Stand in for the launcher: three singletons that are told they are three."""
    ranks = {"PMI_SIZE": "PMI_RANK", "OMPI_COMM_WORLD_SIZE": "OMPI_COMM_WORLD_RANK"}
    rank_variable = next((ranks[name] for name in variables if name in ranks), "SLURM_PROCID")
    program = (
        "import sys\n"
        "from hpcpy_core import launch\n"
        "from mpi4py import MPI\n"
        "import os\n"
        f"os.environ.update({variables!r}, {rank_variable}=sys.argv[1])\n"
        "from hpcpy_core.__main__ import main\n"
        "sys.exit(main([]))\n"
    )
    messages = []
    for rank in range(3):
        done = subprocess.run(
            [sys.executable, "-c", program, str(rank)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={**os.environ, "OMPI_ALLOW_RUN_AS_ROOT": "1"},
        )
        assert done.returncode == 2
        assert done.stdout == ""
        messages.append(done.stderr)
    assert f"{launcher} started 3 processes" in messages[0]
    assert "Start it with" in messages[0]
    assert messages[1:] == ["", ""]


@pytest.mark.skipif(
    "HPCPY_FOREIGN_MPIEXEC" not in os.environ,
    reason="HPCPY_FOREIGN_MPIEXEC names no mpiexec of another MPI; nox sets it",
)
def test_the_mpiexec_of_the_other_mpi_is_refused_with_the_right_one(mpiexec):
    foreign = Mpiexec.find(os.environ["HPCPY_FOREIGN_MPIEXEC"])
    assert foreign.vendor != mpiexec.vendor
    done = foreign.launch(4, COMMAND, timeout=60)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("error: ") == 1
    assert f"Start it with: {mpiexec.path} -n 4 " in done.stderr
    assert "Traceback" not in done.stderr
    assert "RuntimeWarning" not in done.stderr


def test_an_exception_on_one_rank_ends_the_job_at_once(mpiexec, tmp_path):
    done = launch(mpiexec, tmp_path, ["comm.rank == 1 and 1 / 0", "comm.Barrier()"])
    assert not done.timed_out
    assert done.returncode != 0
    assert done.stderr.count("ZeroDivisionError") == 1
    assert not done.leftovers


def test_sys_exit_on_one_rank_ends_the_job_at_once(mpiexec, tmp_path):
    done = launch(mpiexec, tmp_path, ["comm.rank == 1 and sys.exit(7)", "comm.Barrier()"])
    assert not done.timed_out
    assert done.returncode != 0
    assert not done.leftovers


def test_an_error_that_was_not_agreed_ends_the_job_at_once(mpiexec, tmp_path):
    body = [
        "from hpcpy_core.errors import InputError",
        "if comm.rank == 1: raise InputError('mine alone')",
        "comm.Barrier()",
    ]
    done = launch(mpiexec, tmp_path, body)
    assert not done.timed_out
    assert done.returncode != 0
    assert done.stderr.count("InputError: mine alone") == 1


def test_an_agreed_error_is_said_once(mpiexec, tmp_path):
    body = [
        "from hpcpy_core.agreement import agreed",
        "from hpcpy_core.errors import InputError",
        "with agreed(comm):",
        "    if comm.rank == 2: raise InputError('rank 2 cannot')",
    ]
    done = launch(mpiexec, tmp_path, body)
    assert done.returncode == 2
    assert done.stderr.count("error: rank 2 cannot") == 1
    assert "Traceback" not in done.stderr


def test_a_usage_error_on_one_rank_only_ends_all(mpiexec, tmp_path):
    script = tmp_path / "usage.py"
    script.write_text(
        "import sys\n"
        "from hpcpy_core.__main__ import main\n"
        "from hpcpy_core.launch import read_announcement\n"
        "sys.exit(main(['--jsno'] if read_announcement().rank == 1 else []))\n"
    )
    done = mpiexec.launch(3, [sys.executable, str(script)], timeout=60)
    assert done.returncode == 2
    assert done.stderr.count("error: No such option '--jsno'.") == 1
    assert done.stdout == ""


NO_READER = (
    "import os, sys; r, w = os.pipe(); os.close(r); os.dup2(w, 1); "
    "os.execv(sys.argv[1], sys.argv[1:])"
)


@pytest.mark.parametrize(
    ("start", "code", "said"),
    [
        (
            ["sh", "-c", 'exec "$@" >/dev/full', "sh"],
            1,
            "error: standard output cannot be written: No space left on device",
        ),
        (["sh", "-c", 'exec "$@" >&-', "sh"], 0, ""),
        ([sys.executable, "-c", NO_READER], 141, ""),
    ],
    ids=["full", "closed", "no reader"],
)
def test_standard_output_that_rank_0_cannot_write_ends_no_other_rank(
    mpiexec, tmp_path, start, code, said
):
    """The others come to the end of the work, and all leave with the same code."""
    body = [
        "import pathlib",
        "if comm.rank == 0: [print('x' * 1000) for _ in range(1000)]",
        "comm.Barrier()",
        f"pathlib.Path({str(tmp_path)!r}, f'ended{{comm.rank}}').touch()",
    ]
    done = launch(mpiexec, tmp_path, body, ranks=2, start=start)
    assert not done.timed_out
    assert done.returncode == code
    assert len(list(tmp_path.glob("ended*"))) == 2
    assert [line for line in done.stderr.splitlines() if "error: " in line] == [said] * bool(said)
    assert "Traceback" not in done.stderr
    assert not done.leftovers


def test_a_rank_that_was_suspended_for_a_while_spoils_nothing(mpiexec, tmp_path):
    pause = "f'kill -STOP {os.getpid()}; sleep 2; kill -CONT {os.getpid()}'"
    body = [
        "import os, subprocess",
        f"if comm.rank == 1: subprocess.run(['sh', '-c', {pause}], check=True)",
        "total = comm.allreduce(1)",
        "if comm.rank == 0: print('ranks', total)",
    ]
    done = launch(mpiexec, tmp_path, body, ranks=2)
    assert (done.returncode, done.stdout, done.stderr) == (0, "ranks 2\n", "")
