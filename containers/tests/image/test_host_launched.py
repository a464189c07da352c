"""The host's mpiexec starts a container for each rank, as a cluster does."""

import re

import pytest

EXCHANGE = ["python", "/programs/exchange.py"]


@pytest.mark.quick
def test_the_mpiexec_of_the_same_mpi(image, mpiexec, programs, check_exchange):
    done = mpiexec.launch(
        4, image.command(*EXCHANGE, options=programs), env=image.launched_environment()
    )
    library = check_exchange(done)
    assert {"mpich": "MPICH", "openmpi": "Open MPI"}[mpiexec.vendor] in library


@pytest.mark.quick
def test_the_mpiexec_of_the_other_mpi_is_refused_before_any_work(image, foreign, tmp_path):
    argv = ["hpcpy-diffusion", "run", "--output", str(tmp_path / "out")]
    options = ["--bind", str(tmp_path)]
    done = foreign.launch(
        4, image.command(*argv, options=options), env=image.launched_environment()
    )
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert done.stderr.count("error: ") == 1, done.stderr
    assert re.search(r"Start it with: .*mpiexec -n 4 ", done.stderr)
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_rank_that_fails_ends_the_job(image, mpiexec, tmp_path):
    program = tmp_path / "fail.py"
    program.write_text(
        "from hpcpy_core.launch import import_mpi\n"
        "comm = import_mpi().COMM_WORLD\n"
        "comm.rank == 1 and 1 / 0\n"
        "comm.Barrier()\n"
    )
    argv = image.command("python", "-m", "mpi4py", str(program), options=["--bind", str(tmp_path)])
    done = mpiexec.launch(4, argv, env=image.launched_environment())
    assert not done.timed_out
    assert done.returncode != 0
    assert done.stderr.count("ZeroDivisionError") == 1
    assert not done.leftovers
