"""The host's mpiexec starts a container for each rank, as a cluster does."""

import json
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
def test_the_doctor_says_what_is_wrong_with_a_launch(image, mpiexec):
    """Where each rank has a user namespace of its own, none may read another's memory."""

    def examine(*options):
        argv = image.command("hpcpy-doctor", "--json", options=[*options])
        return mpiexec.launch(2, argv, env=image.launched_environment())

    done = examine("--sharens")
    report = json.loads(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert found(report, "error") == set()
    assert "container-own-namespaces" not in found(report, "warning")
    if mpiexec.vendor == "mpich":  # which the image tells to do without
        report = json.loads(examine("--env", "MPIR_CVAR_CH4_CMA_ENABLE=1").stdout)
        assert "container-own-namespaces" in found(report, "warning")
    done = examine("--cleanenv")
    assert done.returncode == 2
    assert "launcher-variables-lost" in found(json.loads(done.stdout), "error")


def found(report, level):
    """Return the findings of a level."""
    return {
        finding["id"]
        for check in report["checks"]
        for finding in check["findings"]
        if finding["level"] == level
    }


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
