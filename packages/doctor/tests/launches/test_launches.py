"""The same program alone, in a launch, in two at once, and below a launcher of another MPI."""

import json
import os
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from hpcpy_testing.mpiexec import Mpiexec
from hpcpy_testing.run_job import run_job

DOCTOR = [sys.executable, "-m", "hpcpy_doctor"]
SECONDS = 120


@pytest.fixture(scope="module")
def mpiexec():
    return Mpiexec.find()


@pytest.fixture
def place(tmp_path):
    """The temporary folder of the job; afterwards nobody must have left anything in it."""
    folder = tmp_path / "place"
    folder.mkdir()
    yield folder
    assert list(folder.glob(".hpcpy-doctor*")) == []


def run(mpiexec, ranks, place, *words, wrap=()):
    command = [*wrap, *DOCTOR, *words]
    done = mpiexec.launch(ranks, command, timeout=SECONDS, env={"TMPDIR": str(place)})
    assert not done.timed_out
    assert not done.leftovers
    assert "Traceback" not in done.stderr
    return done


def find(report, name):
    """Return the findings of a check."""
    (check,) = [check for check in report["checks"] if check["name"] == name]
    return check["findings"]


def test_a_whole_examination_of_a_healthy_launch(mpiexec, place):
    done = run(mpiexec, 4, place, "--json")
    report = json.loads(done.stdout)  # one, of all of them
    assert (report["schema"], report["exit_code"]) == ("hpcpy-doctor/1", 0), done.stdout
    assert done.returncode == 0
    assert (report["launch"]["announced"], report["launch"]["heard"]) == (4, 4)
    assert [one["rank"] for one in report["processes"]] == [0, 1, 2, 3]
    (own,) = find(report, "this_launch")
    assert (own["level"], own["seen"][:18]) == ("ok", "MPI has 4 ranks, a")
    found = [one for check in report["checks"] for one in check["findings"]]
    assert "check-failed" not in {one["id"] for one in found}
    assert find(report, "python_packages")[0]["ranks"] == [0, 1, 2, 3]


def test_it_is_said_once_and_the_static_part_first(mpiexec, place):
    done = run(mpiexec, 3, place, "--only", "this-launch,world,launcher")
    assert done.returncode == 0
    lines = done.stdout.replace("\r", "").splitlines()
    assert lines[0].startswith("hpcpy-doctor 0.")
    assert "3 processes on 1 host, started by mp" in lines[0]
    titles = ["Processes", "Launcher", "World", "This launch"]
    assert [line[9:27].strip() for line in lines if line.startswith("ok")] == titles
    assert lines[-1] == "4 checks: 4 ok"


def test_bad_input_is_said_once(mpiexec, place):
    done = run(mpiexec, 3, place, "--skip", "weather")
    assert done.returncode == 2
    assert done.stderr.count("error: --skip weather: no such check; there are") == 1


def test_two_launches_at_once_do_not_mix(mpiexec, place):
    with ThreadPoolExecutor() as pool:
        words = ("--json", "--only", "world")
        jobs = [pool.submit(run, mpiexec, ranks, place, *words) for ranks in (2, 3)]
        reports = [json.loads(job.result().stdout) for job in jobs]
    assert [report["launch"]["heard"] for report in reports] == [2, 3]
    assert [report["launch"]["announced"] for report in reports] == [2, 3]


def test_without_an_announcement_the_first_one_reports(mpiexec, place):
    names = ("PMI_RANK", "PMI_SIZE", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE")
    forget = ["env", *(word for name in names for word in ("-u", name))]
    report = json.loads(run(mpiexec, 3, place, "--json", "--only", "world", wrap=forget).stdout)
    assert report["launch"] == {
        **report["launch"],
        "launcher": None,
        "announced": 1,
        "heard": 3,
    }
    assert [one["rank"] for one in report["processes"]] == [0, 1, 2]


@pytest.mark.skipif(
    "HPCPY_FOREIGN_MPIEXEC" not in os.environ,
    reason="HPCPY_FOREIGN_MPIEXEC names no mpiexec of another MPI; nox sets it",
)
def test_below_the_launcher_of_another_mpi(mpiexec, place):
    foreign = Mpiexec.find(os.environ["HPCPY_FOREIGN_MPIEXEC"])
    assert foreign.vendor != mpiexec.vendor
    done = run(foreign, 3, place, "--json", "--only", "launcher,this-launch")
    report = json.loads(done.stdout)
    assert report["exit_code"] == 2
    assert done.returncode == 2
    (launcher,) = find(report, "launcher")
    assert launcher["id"] == "foreign-launcher"
    assert launcher["ranks"] == [0, 1, 2]
    (own,) = find(report, "this_launch")
    # Open MPI's processes are each alone; MPICH's do not even start.
    expected = {"openmpi": "launch-wrong-size", "mpich": "launch-dies"}[mpiexec.vendor]
    assert own["id"] == expected
    for finding in (launcher, own):
        assert f"{mpiexec.path} -n 3 {sys.executable} -m hpcpy_doctor" in finding["cure"]
    # The cure is a command that does.
    environ = {**os.environ, **mpiexec.environment(), "TMPDIR": str(place)}
    mended = run_job(shlex.split(own["cure"]), env=environ, timeout=SECONDS)
    assert mended.returncode == 0, mended.stderr
    assert json.loads(mended.stdout)["counts"]["error"] == 0


def test_alone(place):
    done = subprocess.run(
        [*DOCTOR, "--only", "world,hosts,this-launch"],
        capture_output=True, text=True, timeout=SECONDS, check=True,
        env={**os.environ, "TMPDIR": str(place)},
    )  # fmt: skip
    assert done.stdout.splitlines()[0].endswith(": 1 process on 1 host")
    assert done.stdout.splitlines()[-1] == "2 checks: 2 ok"


def test_a_healthy_report_fits_on_a_screen(mpiexec, place):
    done = run(mpiexec, 4, place)
    assert done.returncode == 0
    lines = done.stdout.replace("\r", "").splitlines()
    assert len(lines) <= 24 + (6 if "more-ranks-than-cores" in done.stdout else 0)
    assert max(len(line) for line in lines if " mend " not in line and "    /" not in line) <= 80
    assert next(line[9:27].strip() for line in lines if line.startswith("ok")) == "Processes"
    assert any("(all of it: hpcpy-doctor --all)" in line for line in lines)
